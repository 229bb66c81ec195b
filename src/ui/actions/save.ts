/** Saves the recipe's result: written, opened again by stock TF.js, measured, then downloaded. */
import { save } from '../flows/export.ts';
import { exportsStore } from '../state/exports.ts';
import { session } from '../state/session.ts';
import type { Action } from './action.ts';

const canSave = (): boolean => session.getState().model !== null && exportsStore.getState().busy === null;

export const saveCompressed: Action = {
  id: 'save',
  title: 'action.save',
  keys: ['mod+s'],
  when: canSave,
  perform: () => void save('compressed'),
};

export const saveRepaired: Action = {
  id: 'save-repaired',
  title: 'action.save-repaired',
  when: canSave,
  perform: () => void save('repaired'),
};
