/** Binds vanilla stores to React: state lives outside the tree, so that actions and flows read it without hooks. */

import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';

/** A hook that selects from one store. */
export function bind<State>(store: StoreApi<State>): <Slice>(select: (state: State) => Slice) => Slice {
  return (select) => useStore(store, select);
}
