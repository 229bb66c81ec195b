/** Every command with a shortcut, by hand, and the one listener that serves them. */
import { type Action, matches } from './action.ts';
import { cancel } from './cancel.ts';
import { redo, undo } from './history.ts';
import { openFiles } from './open-files.ts';
import { openFolder } from './open-folder.ts';
import { run } from './run.ts';
import { saveCompressed } from './save.ts';

const shortcuts: readonly Action[] = [openFiles, openFolder, run, cancel, saveCompressed, undo, redo];

/** Where the browser's own undo must win. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input:not([type=range], [type=checkbox], [type=radio]), textarea');

/** Performs the command of a key press; returns false where there is none. */
function serve(event: KeyboardEvent): boolean {
  const action = shortcuts.find((one) => one.keys?.some((keys) => matches(keys, event)));
  if (action === undefined || !action.when()) return false;
  if ((action === undo || action === redo) && isTyping(event.target)) return false;
  action.perform();
  return true;
}

/** Listens for shortcuts on the whole window. */
export function listenForShortcuts(): void {
  window.addEventListener('keydown', (event) => {
    if (!event.defaultPrevented && serve(event)) event.preventDefault();
  });
}
