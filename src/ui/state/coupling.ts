/** Which channels of the open model go together: asked for once a layer is looked at, kept until another model opens. */
import { createStore } from 'zustand/vanilla';
import type { DescribedGroup } from '../../engine/structure/describe-groups.ts';
import type { ModelHandle } from '../../workers/api.ts';
import { bind } from './use-store.ts';

interface Coupling {
  readonly model: ModelHandle | null;
  readonly groups: readonly DescribedGroup[];
}

export const couplingStore = createStore<Coupling>()(() => ({ model: null, groups: [] }));
export const useCoupling = bind(couplingStore);

/** The group whose channels a layer makes, else the one that it filters; undefined where it has none. */
export const groupOf = (groups: readonly DescribedGroup[], layer: string | null): DescribedGroup | undefined =>
  groups.find(({ makers }) => layer !== null && makers.includes(layer)) ??
  groups.find(({ members }) => members.some((one) => one.layer === layer && one.use === 'passes'));
