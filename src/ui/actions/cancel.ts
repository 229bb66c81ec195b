/** Stops what is going on: a run, a search or a save. What was measured by then stays in view. */
import { channelsStore } from '../state/channels.ts';
import { exportsStore } from '../state/exports.ts';
import { runsStore } from '../state/runs.ts';
import { searchStore } from '../state/search.ts';
import { whyStore } from '../state/why.ts';
import type { Action } from './action.ts';

export const cancel: Action = {
  id: 'cancel',
  title: 'action.cancel',
  keys: ['escape'],
  when: () =>
    [
      runsStore.getState().running,
      searchStore.getState().running,
      exportsStore.getState().busy,
      whyStore.getState().running,
      channelsStore.getState().running,
    ].some((work) => work !== null),
  perform: () => {
    exportsStore.getState().busy?.cancel();
    searchStore.getState().running?.cancel();
    runsStore.getState().running?.cancel();
    whyStore.getState().running?.cancel();
    channelsStore.getState().running?.cancel();
  },
};
