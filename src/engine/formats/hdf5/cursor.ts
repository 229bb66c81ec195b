/**
 * A bounded view of an HDF5 file: every read is checked against the file's length and counted, so that a damaged file,
 * whatever its pointers say, ends in an error after a number of steps that its size allows.
 */
import type { StudioError } from '../../errors.ts';
import { problems } from '../problems.ts';

export interface Hdf5File {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  /** Added to every address (files with a user block). */
  base: number;
  /** Bytes of an address and of a length: 2, 4 or 8. */
  offsetSize: number;
  lengthSize: number;
  /** Blocks that may still be visited. */
  budget: number;
}

/** Wraps the bytes of a file; sizes are set once its superblock is read. */
export function createFile(bytes: Uint8Array<ArrayBuffer>, path: string): Hdf5File {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { path, bytes, view, base: 0, offsetSize: 8, lengthSize: 8, budget: 20_000 + Math.floor(bytes.length / 16) };
}

/** The error for a file whose structures contradict each other. */
export function damaged(file: Hdf5File, what: string): StudioError {
  return problems.damaged(file.path, what);
}

/** The error for a sound file that uses a part of HDF5 which is not read here. */
export function unread(file: Hdf5File, what: string): StudioError {
  return problems.storage(file.path, what);
}

/** The address value that means "nothing". */
export const undefinedAddress = -1;

/** Reads little-endian fields one after the other, within [start, end). */
export class Cursor {
  readonly file: Hdf5File;
  at: number;
  readonly end: number;

  constructor(file: Hdf5File, start: number, end = file.bytes.length) {
    if (--file.budget < 0) throw damaged(file, 'its structures refer to each other without end');
    if (!(start >= 0) || start > end || end > file.bytes.length) {
      throw damaged(file, `a structure at byte ${start} lies outside of its ${file.bytes.length} bytes`);
    }
    this.file = file;
    this.at = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  skip(count: number): void {
    this.need(count);
    this.at += count;
  }

  u8(): number {
    this.need(1);
    return this.file.view.getUint8(this.at++);
  }

  u16(): number {
    return this.unsigned(2);
  }

  u32(): number {
    return this.unsigned(4);
  }

  /** An unsigned integer of 1 to 8 bytes; above 2^53 it loses its last bits, and is out of any file's range anyway. */
  unsigned(size: number): number {
    this.need(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (this.file.bytes[this.at + i] as number);
    this.at += size;
    return value;
  }

  length(): number {
    return this.unsigned(this.file.lengthSize);
  }

  /** An absolute position in the file, or `undefinedAddress`. */
  address(): number {
    const { offsetSize, bytes, base } = this.file;
    this.need(offsetSize);
    const undefinedHere = bytes.subarray(this.at, this.at + offsetSize).every((byte) => byte === 0xff);
    const value = this.unsigned(offsetSize);
    return undefinedHere ? undefinedAddress : value + base;
  }

  slice(count: number): Uint8Array<ArrayBuffer> {
    this.need(count);
    this.at += count;
    return this.file.bytes.subarray(this.at - count, this.at);
  }

  /** Text of `count` bytes, up to its first NUL. */
  text(count: number): string {
    return decodeText(this.slice(count));
  }

  /** Checks a four-letter signature. */
  expect(signature: string): void {
    const found = String.fromCharCode(...this.slice(4));
    if (found !== signature) throw damaged(this.file, `a structure "${signature}" was expected at byte ${this.at - 4}`);
  }

  private need(count: number): void {
    if (!(count >= 0) || this.at + count > this.end) {
      throw damaged(this.file, `a structure at byte ${this.at} is cut off`);
    }
  }
}

/** UTF-8 up to the first NUL: fixed-length strings are padded. */
export function decodeText(bytes: Uint8Array<ArrayBuffer>): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
