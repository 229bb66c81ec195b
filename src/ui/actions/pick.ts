/** The system's file dialog, asked for without an element in the page. */
import type { DroppedFile } from '../../workers/api.ts';
import { fromList } from '../flows/files.ts';

/** What the open dialog belongs to: an element that nothing holds may be collected before the visitor has chosen, and the choice with it. */
let asked: HTMLInputElement | null = null;

/** Lets the visitor pick files, or a folder, and hands them on; nothing happens where the dialog is closed. */
export function pick(what: 'files' | 'folder', take: (files: DroppedFile[]) => unknown): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.webkitdirectory = what === 'folder';
  const answered = () => {
    if (asked === input) asked = null;
  };
  input.oncancel = answered;
  input.onchange = () => {
    answered();
    if (input.files !== null && input.files.length > 0) take(fromList(input.files));
  };
  asked = input;
  input.click();
}
