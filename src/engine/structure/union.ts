/** Sets that merge (Tarjan's disjoint sets with path halving): elements are whole numbers from 0, handed out as they are made. */
export interface Union {
  /** `count` new elements, each a set of its own. */
  add(count: number): Int32Array;
  /** Makes one set of two. */
  join(a: number, b: number): void;
  /** The element that stands for a set. */
  find(element: number): number;
  readonly size: number;
}

export function createUnion(): Union {
  const parents: number[] = [];
  const find = (element: number): number => {
    let at = element;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at] as number] as number;
      at = parents[at] as number;
    }
    return at;
  };
  return {
    add(count) {
      const first = parents.length;
      for (let i = 0; i < count; i++) parents.push(first + i);
      return Int32Array.from({ length: count }, (_, i) => first + i);
    },
    join(a, b) {
      const [one, other] = [find(a), find(b)];
      parents[Math.max(one, other)] = Math.min(one, other);
    },
    find,
    get size() {
      return parents.length;
    },
  };
}
