/** Runs the recipe in view and measures the result. */
import { startRun } from '../flows/run.ts';
import { exportsStore } from '../state/exports.ts';
import { session } from '../state/session.ts';
import type { Action } from './action.ts';

export const run: Action = {
  id: 'run',
  title: 'action.run',
  keys: ['mod+enter'],
  when: () => session.getState().model !== null && exportsStore.getState().busy === null,
  perform: () => void startRun(),
};
