/**
 * Zip archives as lists of files (APPNOTE 6.3, stored and deflated entries). The central directory is read once; an entry is
 * inflated only when it is asked for, into a buffer of the size its directory entry states, and its CRC-32 is checked.
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

/** The files of an archive, folders left out. Throws ZIP_DAMAGED, ZIP_PATH, ZIP_BOMB, ZIP_ENCRYPTED or ZIP_METHOD. */
export function openZip(archive: Uint8Array<ArrayBuffer>, name: string): SourceFile[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  return readDirectory(view, name)
    .filter((entry) => !entry.path.endsWith('/'))
    .map((entry) => {
      checkEntry(entry, name);
      return { path: entry.path, size: entry.size, bytes: async () => inflateEntry(archive, view, entry, name) };
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

function readDirectory(view: DataView, name: string): Entry[] {
  let end = view.byteLength - 22;
  const lowest = Math.max(0, end - 0xffff);
  while (end >= lowest && view.getUint32(end, true) !== endOfDirectory) end--;
  if (end < lowest) throw damaged(name, 'It has no end-of-directory record, so it was probably cut off.');
  const count = view.getUint16(end + 10, true);
  if (count === 0xffff || view.getUint32(end + 16, true) === 0xffffffff) {
    throw dataError(
      'ZIP_64',
      `The archive "${name}" is too large.`,
      'It is a Zip64 archive: more than 65,534 files or 4 GB.',
      'Drop its files unpacked, or make smaller archives.',
      { archive: name },
    );
  }
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || view.getUint32(at, true) !== directoryEntry) {
      throw damaged(name, `Its directory breaks off at entry ${index + 1} of ${count}.`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw damaged(name, `Entry ${index + 1} of its directory runs past the end.`);
    entries.push({
      path: new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength)),
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

function inflateEntry(archive: Uint8Array<ArrayBuffer>, view: DataView, entry: Entry, name: string): Uint8Array<ArrayBuffer> {
  const { offset, path } = entry;
  if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== localEntry) {
    throw damaged(name, `Entry "${path}" is not where its directory says.`);
  }
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + entry.compressed > view.byteLength) throw damaged(name, `Entry "${path}" runs past the end of the file.`);
  const packed = archive.subarray(start, start + entry.compressed);
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
