/** Topological order by depth-first search with its own stack: a chain of 100,000 layers must not exhaust the call stack. */

export type Order = { readonly order: readonly number[] } | { readonly cycle: readonly number[] };

/** Items 0 … count−1 with each after its dependencies, else in their given order; or the items of a cycle. */
export function topologicalOrder(count: number, dependencies: (item: number) => readonly number[]): Order {
  const state = new Uint8Array(count);
  const order: number[] = [];
  for (let root = 0; root < count; root++) {
    const stack: { readonly item: number; readonly needs: readonly number[]; next: number }[] = [];
    const enter = (item: number): void => {
      state[item] = 1;
      stack.push({ item, needs: dependencies(item), next: 0 });
    };
    if (state[root] === 0) enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const need = top.needs[top.next++];
      if (need === undefined) {
        state[top.item] = 2;
        order.push(top.item);
        stack.pop();
      } else if (state[need] === 1) {
        const items = stack.map((frame) => frame.item);
        return { cycle: items.slice(items.indexOf(need)) };
      } else if (state[need] === 0) enter(need);
    }
  }
  return { order };
}
