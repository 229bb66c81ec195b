/**
 * A command of the studio: one record per module, which feeds its button, its shortcut and its tooltip. Keys are written
 * `mod+shift+z`, where `mod` is Cmd on a Mac and Ctrl elsewhere.
 */
import type { PlainKey } from '../i18n/translate.ts';

export interface Action {
  readonly id: string;
  readonly title: PlainKey;
  readonly keys?: readonly string[];
  /** True where it can be done at this moment. */
  when(): boolean;
  perform(): void;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** True where a key press is this shortcut. */
export function matches(
  keys: string,
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>,
): boolean {
  const words = keys.split('+');
  const mod = isMac ? event.metaKey : event.ctrlKey;
  return (
    words.at(-1) === event.key.toLowerCase() &&
    words.includes('mod') === mod &&
    words.includes('shift') === event.shiftKey &&
    !event.altKey
  );
}

const keyNames: Readonly<Record<string, string>> = isMac
  ? { mod: '⌘', shift: '⇧', enter: '↩', escape: 'Esc' }
  : { mod: 'Ctrl', shift: 'Shift', enter: 'Enter', escape: 'Esc' };

/** A shortcut as it is printed: `Ctrl+Shift+Z`. */
export const printed = (keys: string): string =>
  keys
    .split('+')
    .map((word) => keyNames[word] ?? word.toUpperCase())
    .join(isMac ? '' : '+');
