/**
 * Files as readers get them: read at most once, never when too large, and archives replaced by what is in them.
 * A `.keras` file is a zip too, but a model of its own: it stays one file.
 */
import { StudioError } from '../errors.ts';
import type { SourceFile } from '../format.ts';
import { problems } from './problems.ts';
import { isZip, readZip } from './zip.ts';

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
  const stem = baseName(path).replace(/\.(keras|h5|hdf5|json|zip)$/i, '');
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

/** Replaces archives by their entries; entries are unpacked when read. Archives that are files of their own (.keras, PyTorch) stay. */
export async function expandZips(files: readonly SourceFile[]): Promise<SourceFile[]> {
  const expanded: SourceFile[] = [];
  for (const file of files) {
    const bytes = await file.bytes();
    if (!isZip(bytes)) {
      expanded.push(file);
      continue;
    }
    const entries = readZip(bytes, file.path);
    const names = entries.map((entry) => baseName(entry.path));
    if (
      names.includes('data.pkl') ||
      (names.includes('config.json') && names.some((name) => name.startsWith('model.weights.')))
    ) {
      expanded.push(file);
      continue;
    }
    const folder = baseName(file.path).replace(/\.zip$/i, '');
    const inside = entries.map((entry) => ({
      path: `${folder}/${entry.path}`,
      size: entry.size,
      bytes: async () => entry.read(),
    }));
    if (!inside.some((entry) => /\.(json|keras|h5|hdf5)$/i.test(entry.path))) {
      throw problems.zipNoModel(
        file.path,
        inside.map((entry) => entry.path),
      );
    }
    expanded.push(...readOnce(inside));
  }
  return expanded;
}
