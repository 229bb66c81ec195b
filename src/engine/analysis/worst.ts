/** The few worst of many, kept while they stream by. */

/** Keeps the `limit` items of highest rank, highest first; earlier ones before later ones of equal rank. */
export function createWorst<T extends { readonly index: number }>(limit: number, rankOf: (item: T) => number) {
  let items: T[] = [];
  const sorted = (): T[] => items.toSorted((a, b) => rankOf(b) - rankOf(a) || a.index - b.index).slice(0, limit);
  return {
    add(item: T): void {
      items.push(item);
      if (items.length > 4 * limit + 64) items = sorted();
    },
    list: sorted,
  };
}
