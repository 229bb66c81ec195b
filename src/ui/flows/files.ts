/**
 * From what was dropped, picked or pasted to files with paths. Folders are walked; what is data by its name goes to the data
 * reader and the rest to the model reader. Bytes are read in the worker, never here.
 */
import type { DroppedFile } from '../../workers/api.ts';

/** Files of a file input; a folder input brings paths along. */
export const fromList = (list: Iterable<File>): DroppedFile[] =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }));

/** Files of a drop or a paste, folders walked. Must be called before the event returns. */
export async function fromTransfer(transfer: DataTransfer): Promise<DroppedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return fromList(transfer.files);
  const files: DroppedFile[] = [];
  for (const entry of entries) await walk(entry, files);
  return files;
}

async function walk(entry: FileSystemEntry, into: DroppedFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (isFile(entry)) {
    into.push({ path, blob: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A directory hands out its entries in portions and ends with an empty one.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return;
    for (const child of portion) await walk(child, into);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

const dataName = /\.(csv|npy|npz|png|jpe?g|gz)$|-ubyte$/i;
const hidden = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$)/;

/** Parts files into those of a model and those of data, by their names alone. */
export function sortFiles(files: readonly DroppedFile[]): { readonly model: DroppedFile[]; readonly data: DroppedFile[] } {
  const seen = files.filter((file) => !hidden.test(file.path));
  return { model: seen.filter((file) => !dataName.test(file.path)), data: seen.filter((file) => dataName.test(file.path)) };
}

/** True for a lone archive, which may hold either a model or pictures. */
export const isArchive = (files: readonly DroppedFile[]): boolean => files.length === 1 && /\.zip$/i.test(files[0]?.path ?? '');
