/** Opens a model from files: one `.keras`, `.h5` or `.zip`, or a `model.json` with its shards. */
import { openDropped } from '../flows/open.ts';
import type { Action } from './action.ts';
import { pick } from './pick.ts';

export const openFiles: Action = {
  id: 'open-files',
  title: 'action.open',
  keys: ['mod+o'],
  when: () => true,
  perform: () => pick('files', openDropped),
};
