/**
 * From what was dropped, picked or pasted to files with paths. Folders are walked; what is data by its name goes to the data
 * reader and the rest to the model reader. Bytes are read in the worker, never here.
 */
import { isLabelsFile } from '../../engine/data/labels-name.ts';
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

const dataName = /\.(csv|tsv|npy|npz|png|jpe?g|jfif|webp|gif|bmp|tiff?|gz)$|-ubyte$/i;
const modelName = /\.(keras|h5|hdf5|json|bin|zip|tflite|pb|onnx|pt|pth|safetensors)$/i;
const hidden = /(^|\/)(\.|__MACOSX\/|Thumbs\.db$)/;

export interface Sorted {
  readonly model: readonly DroppedFile[];
  readonly data: readonly DroppedFile[];
  /** Files with the names of outputs that came without a model. */
  readonly labels: readonly DroppedFile[];
}

/**
 * Parts files into those of a model and those of data, by their names alone. Names of outputs belong to the model that they
 * came with; beside pictures alone anything else (a README) is passed over with them.
 */
export function sortFiles(files: readonly DroppedFile[]): Sorted {
  const seen = files.filter((file) => !hidden.test(file.path));
  const data = seen.filter((file) => dataName.test(file.path));
  const rest = seen.filter((file) => !dataName.test(file.path));
  const others = rest.filter((file) => !isLabelsFile(file.path));
  if (others.some((file) => modelName.test(file.path))) return { model: rest, data, labels: [] };
  const labels = rest.filter((file) => isLabelsFile(file.path));
  if (data.length > 0) return { model: [], data: [...data, ...others], labels };
  return { model: others, data, labels };
}

export const isZip = (file: DroppedFile): boolean => /\.zip$/i.test(file.path);

/** True for a lone archive, which may hold either a model or pictures. */
export const isArchive = (files: readonly DroppedFile[]): boolean => files.length === 1 && files.every(isZip);
