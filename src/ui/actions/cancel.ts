/** Stops what is going on: a run or a save. What was measured by then stays in view. */
import { exportsStore } from '../state/exports.ts';
import { runsStore } from '../state/runs.ts';
import type { Action } from './action.ts';

export const cancel: Action = {
  id: 'cancel',
  title: 'action.cancel',
  keys: ['escape'],
  when: () => runsStore.getState().running !== null || exportsStore.getState().busy !== null,
  perform: () => {
    exportsStore.getState().busy?.cancel();
    runsStore.getState().running?.cancel();
  },
};
