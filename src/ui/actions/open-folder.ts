/** Opens a model, data or both from a folder. */
import { openDropped } from '../flows/open.ts';
import type { Action } from './action.ts';
import { pick } from './pick.ts';

export const openFolder: Action = {
  id: 'open-folder',
  title: 'action.open-folder',
  keys: ['mod+shift+o'],
  when: () => true,
  perform: () => pick('folder', openDropped),
};
