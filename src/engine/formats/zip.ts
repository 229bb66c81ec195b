/**
 * Zip archives, read from their central directory (PKWARE APPNOTE 4.3): stored and deflated entries, CRC checked.
 * Everything is judged before a byte is inflated: encryption, paths that leave the archive, and the total unpacked size.
 */
import { inflateSync } from 'fflate';
import { problems } from './problems.ts';

export interface ZipEntry {
  /** Inside the archive, with `/`. */
  readonly path: string;
  /** Unpacked, bytes. */
  readonly size: number;
  /** Unpacks the entry. Throws FORMAT_DAMAGED where its content does not fit its checksum. */
  read(): Uint8Array<ArrayBuffer>;
}

/** Deflate can't do better than 1032 to 1; weights hardly compress at all. */
const maxRatio = 200;
const maxTotal = 4 * 2 ** 30;
/** Small archives may be as compressible as they like. */
const alwaysAllowed = 64 * 2 ** 20;
const maxEntries = 20_000;

/** True where the bytes start as a zip archive does. */
export function isZip(bytes: Uint8Array<ArrayBuffer>): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));
}

/** The files of an archive, nothing unpacked yet. Throws FORMAT_ZIP_*, FORMAT_TRUNCATED or FORMAT_DAMAGED. */
export function readZip(bytes: Uint8Array<ArrayBuffer>, path: string): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = directory(view, bytes, path);
  let total = 0;
  for (const record of records) {
    total += record.size;
    if (record.encrypted) throw problems.zipEncrypted(path, record.name);
    if (leaves(record.name)) throw problems.zipPath(path, record.name);
  }
  if (total > maxTotal || (total > alwaysAllowed && total > maxRatio * bytes.length)) {
    throw problems.zipBomb(path, bytes.length, total);
  }
  return records
    .filter((record) => !record.name.endsWith('/') && !record.name.startsWith('__MACOSX/'))
    .map((record) => ({ path: record.name, size: record.size, read: () => unpack(view, bytes, record, path) }));
}

interface ZipRecord {
  readonly name: string;
  readonly encrypted: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

function directory(view: DataView, bytes: Uint8Array<ArrayBuffer>, path: string): ZipRecord[] {
  const end = endRecord(view);
  if (end < 0)
    throw problems.damaged(path, 'the directory at the end of the archive is missing: the file is cut off or not a zip');
  const count = view.getUint16(end + 10, true);
  const records: ZipRecord[] = [];
  let at = view.getUint32(end + 16, true);
  if (at === 0xffffffff || count === 0xffff) throw problems.damaged(path, 'archives over 4 GB (zip64) are not opened');
  if (count > maxEntries) throw problems.damaged(path, `it holds ${count} files, more than ${maxEntries}`);
  for (let i = 0; i < count; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50) {
      throw problems.damaged(path, `entry ${i + 1} of ${count} of the archive's directory is broken`);
    }
    const [nameLength, extra, comment] = [
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
      view.getUint16(at + 32, true),
    ];
    records.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength)).replaceAll('\\', '/'),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameLength + extra + comment;
  }
  return records;
}

/** Offset of the end-of-central-directory record, which stands before a comment of at most 64 KiB. */
function endRecord(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  return -1;
}

function leaves(name: string): boolean {
  return name.startsWith('/') || /^[a-zA-Z]:/.test(name) || name.split('/').includes('..') || name.includes('\0');
}

function unpack(view: DataView, bytes: Uint8Array<ArrayBuffer>, record: ZipRecord, path: string): Uint8Array<ArrayBuffer> {
  const { name, offset, packed, size } = record;
  if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== 0x04034b50) {
    throw problems.damaged(path, `the entry "${name}" of the archive is broken`);
  }
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packed > bytes.length) throw problems.truncated(path, bytes.length, start + packed);
  const content = inflate(bytes.subarray(start, start + packed), record, path);
  if (content.length !== size || crc32(content) !== record.crc) {
    throw problems.damaged(path, `the content of "${name}" in the archive does not fit its checksum`);
  }
  return content;
}

function inflate(packed: Uint8Array<ArrayBuffer>, record: ZipRecord, path: string): Uint8Array<ArrayBuffer> {
  if (record.method === 0) return packed.slice();
  if (record.method !== 8) throw problems.damaged(path, `"${record.name}" is packed with method ${record.method}, not deflate`);
  try {
    return inflateSync(packed, { out: new Uint8Array(record.size) }) as Uint8Array<ArrayBuffer>;
  } catch {
    throw problems.damaged(path, `"${record.name}" in the archive can not be unpacked`);
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 (IEEE 802.3) as zip uses it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcTable[(crc ^ byte) & 0xff] as number);
  return (crc ^ 0xffffffff) >>> 0;
}
