/** The system's file dialog, asked for without an element in the page. */
import type { DroppedFile } from '../../workers/api.ts';
import { fromList } from '../flows/files.ts';

/** Lets the visitor pick files, or a folder, and hands them on; nothing happens where the dialog is closed. */
export function pick(what: 'files' | 'folder', take: (files: DroppedFile[]) => unknown): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.webkitdirectory = what === 'folder';
  input.onchange = () => {
    if (input.files !== null && input.files.length > 0) take(fromList(input.files));
  };
  input.click();
}
