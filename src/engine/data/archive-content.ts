/** What an archive holds, told by the names in its directory: a model, data, or both. */
import type { SourceFile } from '../format.ts';
import { isZip, openZipFile } from '../zip.ts';
import { pictureNames } from './reader.ts';

export type ArchiveContent = 'model' | 'data' | 'both' | 'neither';

const modelNames = /\.(keras|h5|hdf5|tflite|pb)$|(^|\/)(model|config|topology)[^/]*\.json$/i;
const dataNames = /\.(npy|npz|csv|tsv)$|-ubyte(\.gz)?$/i;

/** Reads an archive's directory. Throws ZIP_DAMAGED and its like; a file that is no archive holds neither. */
export async function archiveContent(file: SourceFile): Promise<ArchiveContent> {
  const head = await (file.slice?.(0, 4) ?? file.bytes());
  if (!isZip(head)) return 'neither';
  const names = (await openZipFile(file)).map(({ path }) => path).filter((path) => !/(^|\/)(__MACOSX|\.)/.test(path));
  const model = names.some((name) => modelNames.test(name));
  const data = names.some((name) => pictureNames.test(name) || dataNames.test(name));
  return model && data ? 'both' : model ? 'model' : data ? 'data' : 'neither';
}
