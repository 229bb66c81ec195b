/**
 * Zip archives as lists of files (APPNOTE 6.3, stored and deflated entries). The central directory is read once; an entry is
 * inflated only when it is asked for, into a buffer of the size its directory entry states, and its CRC-32 is checked. An archive that
 * can be read in ranges is never in memory as a whole: its directory is, and the one entry that is asked for.
 * A bomb can't grow: an entry that claims too much is refused before anything is allocated, and inflating never passes the claim.
 */
import { inflateSync } from 'fflate';
import { dataError, reasonOf } from './data/data-error.ts';
import type { SourceFile } from './format.ts';

/** The largest entry that is opened, bytes. */
export const maximumEntryBytes = 2 ** 31;
/** Above this many bytes an expansion of more than `suspiciousRatio` is taken for a bomb. */
export const suspiciousBytes = 2 ** 28;
export const suspiciousRatio = 200;

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localEntry = 0x04034b50;
/** Length of the end-of-directory record without its comment, and of an entry's own header without its name. */
const endBytes = 22;
const localBytes = 30;

interface Entry {
  readonly path: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
}

/** True for bytes that begin as a zip archive does, the empty one included. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));
}

/** The files of an archive in memory, folders left out. Throws ZIP_DAMAGED, ZIP_PATH, ZIP_BOMB, ZIP_ENCRYPTED or ZIP_METHOD. */
export function openZip(archive: Uint8Array<ArrayBuffer>, name: string): SourceFile[] {
  const entries = readDirectory(archive, findDirectory(archive, 0, name), name);
  return filesOf(entries, name, (entry) => inflateEntry(archive.subarray(entry.offset), entry, name));
}

/** The same for an archive of which ranges can be read; one that can't is read whole. */
export async function openZipFile(file: SourceFile): Promise<SourceFile[]> {
  const { slice, size, path } = file;
  if (slice === undefined) return openZip(await file.bytes(), path);
  const tailStart = Math.max(0, size - endBytes - 0xffff);
  const place = findDirectory(await slice(tailStart, size), tailStart, path);
  const directory = await slice(Math.min(place.start, place.end), place.end);
  const entries = readDirectory(directory, { ...place, start: 0, end: directory.length }, path);
  return filesOf(entries, path, async (entry) => {
    const local = await slice(entry.offset, Math.min(size, entry.offset + localBytes));
    const end = dataStart(local, entry, path) + entry.compressed;
    return inflateEntry(await slice(entry.offset, Math.min(size, entry.offset + end)), entry, path);
  });
}

function filesOf(
  entries: readonly Entry[],
  name: string,
  unpack: (entry: Entry) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
): SourceFile[] {
  return entries
    .filter((entry) => !entry.path.endsWith('/'))
    .map((entry) => {
      checkEntry(entry, name);
      return { path: entry.path, size: entry.size, bytes: async () => unpack(entry) };
    });
}

function damaged(name: string, detail: string, cause?: unknown): Error {
  return dataError(
    'ZIP_DAMAGED',
    `The archive "${name}" is damaged.`,
    detail,
    'Make the archive again, or drop its files unpacked.',
    { archive: name },
    cause,
  );
}

interface Directory {
  /** Where the first entry begins and where the list must have ended. */
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

const viewOf = (bytes: Uint8Array<ArrayBuffer>): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Finds the directory from an archive's last bytes, which begin at `tailStart` of it. */
function findDirectory(tail: Uint8Array<ArrayBuffer>, tailStart: number, name: string): Directory {
  const view = viewOf(tail);
  let end = view.byteLength - endBytes;
  const lowest = Math.max(0, end - 0xffff);
  while (end >= lowest && view.getUint32(end, true) !== endOfDirectory) end--;
  if (end < lowest) throw damaged(name, 'It has no end-of-directory record, so it was probably cut off.');
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || start === 0xffffffff) {
    throw dataError(
      'ZIP_64',
      `The archive "${name}" is too large.`,
      'It is a Zip64 archive: more than 65,534 files or 4 GB.',
      'Drop its files unpacked, or make smaller archives.',
      { archive: name },
    );
  }
  return { start, end: tailStart + end, count };
}

function readDirectory(bytes: Uint8Array<ArrayBuffer>, { start, end, count }: Directory, name: string): Entry[] {
  const view = viewOf(bytes);
  const entries: Entry[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || view.getUint32(at, true) !== directoryEntry) {
      throw damaged(name, `Its directory breaks off at entry ${index + 1} of ${count}.`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw damaged(name, `Entry ${index + 1} of its directory runs past the end.`);
    entries.push({
      path: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return entries;
}

function checkEntry(entry: Entry, name: string): void {
  const context = { archive: name, entry: entry.path };
  const segments = entry.path.split(/[/\\]/);
  if (segments.includes('..') || entry.path.startsWith('/') || /^[a-z]:|\0|\\/i.test(entry.path)) {
    throw dataError(
      'ZIP_PATH',
      `The archive "${name}" holds a path that leaves it.`,
      `Entry "${entry.path}" is absolute or climbs out of its folder.`,
      'Make the archive again from a plain folder.',
      context,
    );
  }
  if (entry.flags & 1) {
    throw dataError(
      'ZIP_ENCRYPTED',
      `The archive "${name}" is encrypted.`,
      `Entry "${entry.path}" needs a password.`,
      'Unpack it and drop the files, or make it again without a password.',
      context,
    );
  }
  if (entry.size > maximumEntryBytes || (entry.size > suspiciousBytes && entry.size > suspiciousRatio * entry.compressed)) {
    throw dataError(
      'ZIP_BOMB',
      `The archive "${name}" would unpack to more than is safe.`,
      `Entry "${entry.path}" claims ${entry.size} bytes from ${entry.compressed}.`,
      'Drop the files unpacked, or in smaller parts.',
      { ...context, size: entry.size, compressed: entry.compressed },
    );
  }
}

/** Where an entry's data begins, counted from its own header. */
function dataStart(local: Uint8Array<ArrayBuffer>, { path }: Entry, name: string): number {
  const view = viewOf(local);
  if (view.byteLength < localBytes || view.getUint32(0, true) !== localEntry) {
    throw damaged(name, `Entry "${path}" is not where its directory says.`);
  }
  return localBytes + view.getUint16(26, true) + view.getUint16(28, true);
}

/** The content of an entry from the bytes that begin with its own header. */
function inflateEntry(bytesFromHeader: Uint8Array<ArrayBuffer>, entry: Entry, name: string): Uint8Array<ArrayBuffer> {
  const { path } = entry;
  const start = dataStart(bytesFromHeader, entry, name);
  const packed = bytesFromHeader.subarray(start, start + entry.compressed);
  if (packed.length < entry.compressed) throw damaged(name, `Entry "${path}" runs past the end of the file.`);
  const bytes = unpack(packed, entry, name);
  if (bytes.length !== entry.size)
    throw damaged(name, `Entry "${path}" has ${bytes.length} bytes where ${entry.size} are stated.`);
  if (crc32(bytes) !== entry.crc) throw damaged(name, `The checksum of entry "${path}" does not match its content.`);
  return bytes;
}

function unpack(packed: Uint8Array<ArrayBuffer>, entry: Entry, name: string): Uint8Array<ArrayBuffer> {
  if (entry.method === 0) return packed.slice();
  if (entry.method !== 8) {
    throw dataError(
      'ZIP_METHOD',
      `The archive "${name}" uses a compression that is not read here.`,
      `Entry "${entry.path}" has method ${entry.method}; stored (0) and deflate (8) are read.`,
      'Make the archive again with ordinary deflate compression.',
      { archive: name, entry: entry.path, method: entry.method },
    );
  }
  // Deflate expands at most 1032-fold, so a larger claim is a lie and need not be allocated.
  if (entry.size > 1032 * entry.compressed + 64)
    throw damaged(name, `Entry "${entry.path}" can not hold the ${entry.size} bytes it states.`);
  try {
    return inflateSync(packed, { out: new Uint8Array(entry.size) });
  } catch (cause) {
    throw damaged(name, `Entry "${entry.path}" can not be inflated: ${reasonOf(cause)}.`, cause);
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (ISO 3309) of some bytes, as zip and PNG use it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let index = 0; index < bytes.length; index++) crc = (crc >>> 8) ^ (crcTable[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
