/** The only door to data: files in, a Dataset out. Readers are listed by hand, most telling first; adding one is adding a file and a line. */
import type { Context } from '../context.ts';
import type { SourceFile } from '../format.ts';
import { csvReader } from './csv.ts';
import { dataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import { idxReader } from './idx.ts';
import { numpyReader } from './numpy.ts';
import { pictureReader } from './pictures.ts';
import { baseName, type DataOptions, type DataReader, identify, type PartKind } from './reader.ts';

/** `beside` are files that a reader makes use of where its own are there. */
const readers: readonly {
  readonly reader: DataReader;
  readonly kinds: readonly PartKind[];
  readonly beside?: readonly PartKind[];
}[] = [
  { reader: pictureReader, kinds: ['picture'], beside: ['text'] },
  { reader: numpyReader, kinds: ['npz', 'npy'] },
  { reader: idxReader, kinds: ['idx'] },
  { reader: csvReader, kinds: ['text'] },
];

/** What can be opened as data, for help texts and file dialogs. */
export const dataFormats: readonly Omit<DataReader, 'read'>[] = readers.map(({ reader: { id, title, extensions } }) => ({
  id,
  title,
  extensions,
}));

/**
 * Opens data by content, not by name: pictures in class folders, NumPy arrays, IDX, CSV; loose, zipped or gzipped. Files that do not
 * belong (a README beside the pictures) are passed over. Throws DATA_UNKNOWN where nothing can be read.
 */
export async function openData(files: readonly SourceFile[], options: DataOptions, context: Context): Promise<Dataset> {
  const parts = await identify(files, context);
  for (const { reader, kinds, beside = [] } of readers) {
    if (!parts.some((part) => kinds.includes(part.kind))) continue;
    const mine = parts.filter(({ kind }) => kinds.includes(kind) || beside.includes(kind));
    return reader.read(mine, { ...options, name: options.name ?? nameOf(files) }, context);
  }
  throw dataError(
    'DATA_UNKNOWN',
    'No data was recognised.',
    files.length === 0 ? 'No file was given.' : `Looked at ${files.length} file(s), "${files[0]?.path}" first.`,
    'Drop pictures in one folder per class, an .npz, IDX files or a CSV table.',
    { files: files.slice(0, 20).map((file) => file.path) },
  );
}

/** The shared folder of several files, or the name of the only one. */
function nameOf(files: readonly SourceFile[]): string {
  const [first] = files;
  if (!first) return 'data';
  const top = first.path.split('/')[0] ?? '';
  const shared = files.length > 1 && first.path.includes('/') && files.every(({ path }) => path.startsWith(`${top}/`));
  return shared ? top : baseName(first.path).replace(/(\.gz|\.zip|\.npz|\.npy|\.csv|-idx\d-ubyte)+$/i, '');
}
