/** Opens data for the open model, whatever the files are called. */
import { openData } from '../flows/open.ts';
import { session } from '../state/session.ts';
import type { Action } from './action.ts';
import { pick } from './pick.ts';

const canOpen = (): boolean => session.getState().model !== null;

export const openDataFiles: Action = {
  id: 'open-data',
  title: 'action.open-data',
  when: canOpen,
  perform: () => pick('files', openData),
};

export const openDataFolder: Action = {
  id: 'open-data-folder',
  title: 'action.open-data-folder',
  when: canOpen,
  perform: () => pick('folder', openData),
};
