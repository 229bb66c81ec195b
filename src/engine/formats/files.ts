/**
 * Files as readers get them: read at most once, never when too large, and archives replaced by what is in them.
 * A `.keras` file is a zip too, but a model of its own: it stays one file.
 */

import { StudioError } from '../errors.ts';
import type { SourceFile } from '../format.ts';
import { isZip, openZip } from '../zip.ts';
import { problems } from './problems.ts';

/** Files above this are refused by their size alone. */
export const maxFileBytes = 2 * 2 ** 30;

/** A file whose bytes are in memory. */
export function sourceFile(path: string, bytes: Uint8Array<ArrayBuffer>): SourceFile {
  return { path, size: bytes.length, bytes: async () => bytes };
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder of a path with its closing `/`, or an empty text. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** The name of a model read from `path`: the file's without its ending, or its folder's where the file has a name that every model has. */
export function modelName(path: string): string {
  const stem = baseName(path).replace(/\.(keras|h5|hdf5|json|tflite|zip)$/i, '');
  const folder = baseName(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  return ['model', 'weights', 'topology'].includes(stem.toLowerCase()) && folder !== '' ? folder : stem;
}

/** The same files, each read from the disk at most once, too large ones refused unread (FORMAT_TOO_LARGE). */
export function readOnce(files: readonly SourceFile[]): SourceFile[] {
  return files.map((file) => {
    if (file.size > maxFileBytes) throw problems.tooLarge(file.path, file.size, maxFileBytes);
    let content: Promise<Uint8Array<ArrayBuffer>> | undefined;
    const read = async (): Promise<Uint8Array<ArrayBuffer>> => {
      try {
        return await file.bytes();
      } catch (error) {
        if (error instanceof StudioError) throw error;
        throw problems.unreadable(file.path, error instanceof Error ? error.message : String(error));
      }
    };
    return {
      path: file.path,
      size: file.size,
      bytes: () => {
        content ??= read();
        return content;
      },
    };
  });
}

/** Deflate packs weights hardly at all; an archive that claims more than this is no model. */
const maxExpansion = 200;
const maxUnpacked = 2 * maxFileBytes;
/** Small archives may be as compressible as they like. */
const alwaysUnpacked = 64 * 2 ** 20;

/** The entries of an archive, nothing unpacked yet; refused where together they would unpack to absurdly much (FORMAT_ZIP_BOMB). */
export function archiveEntries(bytes: Uint8Array<ArrayBuffer>, path: string): SourceFile[] {
  const entries = openZip(bytes, path).filter((entry) => !entry.path.startsWith('__MACOSX/'));
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > maxUnpacked || (total > alwaysUnpacked && total > maxExpansion * bytes.length)) {
    throw problems.zipBomb(path, bytes.length, total);
  }
  return entries;
}

/** True for entries of archives that are files of their own: Keras v3 and PyTorch. */
function isWhole(names: readonly string[]): boolean {
  const keras = names.includes('config.json') && names.some((name) => name.startsWith('model.weights.'));
  return keras || names.some((name) => baseName(name) === 'data.pkl');
}

/** Replaces archives by their entries, which are unpacked when read; archives that are files of their own stay. */
export async function expandZips(files: readonly SourceFile[]): Promise<SourceFile[]> {
  const expanded: SourceFile[] = [];
  for (const file of files) {
    const bytes = await file.bytes();
    const entries = isZip(bytes) ? archiveEntries(bytes, file.path) : [];
    const names = entries.map((entry) => entry.path);
    if (!isZip(bytes) || isWhole(names)) expanded.push(file);
    else if (!names.some((name) => /\.(json|keras|h5|hdf5|tflite)$/i.test(name))) throw problems.zipNoModel(file.path, names);
    else {
      const folder = baseName(file.path).replace(/\.zip$/i, '');
      expanded.push(...readOnce(entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` }))));
    }
  }
  return expanded;
}
