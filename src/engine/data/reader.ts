/** The contract of a data reader, and how dropped files are told apart: by their first bytes, pictures by their names. */
import { type Context, checkpoint } from '../context.ts';
import type { SourceFile } from '../format.ts';
import { isZip, openZipFile } from '../zip.ts';
import type { Dataset } from './dataset.ts';
import { gunzip, isGzip } from './gzip.ts';
import { isIdx } from './idx-file.ts';
import { isNpy } from './npy.ts';

export type PartKind = 'picture' | 'npz' | 'npy' | 'idx' | 'text' | 'unknown';

/** A file whose nature is known; gzip is already undone. */
export interface Part extends SourceFile {
  readonly kind: PartKind;
}

export interface DataOptions {
  /** The column that holds the answer: its name, or its number counted from 1. */
  readonly labelColumn?: string;
  readonly name?: string;
}

export interface DataReader {
  readonly id: string;
  readonly title: string;
  readonly extensions: readonly string[];
  /** A dataset from parts of this reader's kinds, at least one. */
  read(parts: readonly Part[], options: DataOptions & { readonly name: string }, context: Context): Promise<Dataset>;
}

/** Bytes in memory as a file. */
export function memoryFile(path: string, bytes: Uint8Array<ArrayBuffer>): SourceFile {
  return { path, size: bytes.length, bytes: async () => bytes };
}

/** The last segment of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const clutter = /(^|\/)(__MACOSX|\.[^/]*|Thumbs\.db|desktop\.ini)(\/|$)/i;

/** Kinds that can't be read count too, so that they are refused by name instead of being left out in silence. */
export const pictureNames = /\.(png|jpe?g|jfif|webp|gif|bmp|tiff?|heic|avif)$/i;

/** Archives inside archives are opened this deep: a dataset zip may hold a zip per class, a zip that holds itself ends here. */
const maximumDepth = 2;

/** Enough of a file to tell what it is, bytes. */
const headBytes = 4096;

/** The files given, archives opened, gzip undone, system clutter left out. */
export async function identify(files: readonly SourceFile[], context: Context, depth = 0): Promise<Part[]> {
  const parts: Part[] = [];
  for (const file of files) {
    await checkpoint(context);
    if (clutter.test(file.path) || file.size === 0) continue;
    if (pictureNames.test(file.path)) parts.push({ ...file, kind: 'picture' });
    else parts.push(...(await identifyBytes(file, context, depth)));
  }
  return parts;
}

async function identifyBytes(given: SourceFile, context: Context, depth: number): Promise<Part[]> {
  const file = given.slice === undefined ? memoryFile(given.path, await given.bytes()) : given;
  const head = await (file.slice?.(0, headBytes) ?? file.bytes());
  if (isGzip(head)) {
    const inside = await gunzip(await file.bytes(), file.path);
    return [{ ...memoryFile(file.path.replace(/\.gz$/i, ''), inside), kind: contentKind(inside) }];
  }
  if (isZip(head) && depth < maximumDepth) {
    const entries = await openZipFile(file);
    if (!entries.some((entry) => entry.path.endsWith('.npy'))) return identify(entries, context, depth + 1);
    return [{ ...file, kind: 'npz' }];
  }
  return [{ ...file, kind: contentKind(head) }];
}

function contentKind(bytes: Uint8Array): PartKind {
  if (isNpy(bytes)) return 'npy';
  if (isIdx(bytes)) return 'idx';
  const start = bytes.subarray(0, headBytes);
  // JSON and web pages (a "not found" saved under the name of the data) are text, but no table.
  return start.includes(0) || /^\s*[[{<]/.test(new TextDecoder().decode(start)) ? 'unknown' : 'text';
}
