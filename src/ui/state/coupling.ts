/** Which channels of the open model go together and which of them the recipe removes; known once somebody looks at a layer or at channels. */
import { createStore } from 'zustand/vanilla';
import type { DescribedGroup, DescribedGroups } from '../../engine/structure/describe-groups.ts';
import type { ModelHandle } from '../../workers/api.ts';
import { bind } from './use-store.ts';

interface Coupling extends DescribedGroups {
  readonly model: ModelHandle | null;
}

export const couplingStore = createStore<Coupling>()(() => ({
  model: null,
  groups: [],
  step: null,
  importance: 'l2',
  byData: false,
}));
export const useCoupling = bind(couplingStore);

/** The group whose channels a layer makes, else the one that it filters; undefined where it has none. */
export const groupOf = (groups: readonly DescribedGroup[], layer: string | null): DescribedGroup | undefined =>
  groups.find(({ makers }) => layer !== null && makers.includes(layer)) ??
  groups.find(({ members }) => members.some((one) => one.layer === layer && one.use === 'passes'));
