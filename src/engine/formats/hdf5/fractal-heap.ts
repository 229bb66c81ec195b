/**
 * Fractal heaps (HDF5 File Format Specification 3.0, III.G): where newer files keep the links of large groups and the attributes of
 * objects with many. A heap is a doubling table of blocks; an id says offset and length in it, or holds a tiny object itself.
 */
import { bytesFor, visitRecords } from './btree2.ts';
import { Cursor, damaged, type Hdf5File, undefinedAddress, unread } from './cursor.ts';

export interface FractalHeap {
  /** Bytes of an id. */
  readonly idSize: number;
  /** A cursor over the object that an id stands for. */
  object(id: Cursor): Cursor;
}

interface Layout {
  readonly width: number;
  readonly startSize: number;
  readonly maxDirectSize: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly root: number;
  readonly rootRows: number;
  readonly hugeTree: number;
}

/** Opens the heap at `address`. */
export function openHeap(file: Hdf5File, address: number): FractalHeap {
  const header = new Cursor(file, address);
  header.expect('FRHP');
  header.skip(1);
  const idSize = header.u16();
  if (header.u16() > 0) throw unread(file, 'its index of links or attributes is compressed');
  header.skip(1);
  const maxManaged = header.u32();
  header.skip(file.lengthSize);
  const hugeTree = header.address();
  // Free space, its manager, and eight counts of what is in the heap.
  header.skip(9 * file.lengthSize + file.offsetSize);
  const width = header.u16();
  const startSize = header.length();
  const maxDirectSize = header.length();
  const heapBits = header.u16();
  header.skip(2);
  const root = header.address();
  const rootRows = header.u16();
  const powers = [startSize, maxDirectSize].every((size) => size > 0 && Number.isInteger(Math.log2(size)));
  if (!powers || width === 0 || heapBits > 64) throw damaged(file, 'an index of links or attributes is broken');
  const layout: Layout = {
    width,
    startSize,
    maxDirectSize,
    offsetBytes: Math.ceil(heapBits / 8),
    lengthBytes: Math.min(Math.ceil((Math.log2(maxDirectSize) + 1) / 8), bytesFor(maxManaged)),
    root,
    rootRows,
    hugeTree,
  };
  return { idSize, object: (id) => readObject(file, layout, id) };
}

function readObject(file: Hdf5File, layout: Layout, id: Cursor): Cursor {
  const flags = id.u8();
  const kind = (flags >> 4) & 3;
  if (kind === 2) return new Cursor(file, id.at, id.at + (flags & 0x0f) + 1);
  if (kind === 1) return hugeObject(file, layout, id);
  const offset = id.unsigned(layout.offsetBytes);
  const length = id.unsigned(layout.lengthBytes);
  const { root, rootRows } = layout;
  const start = rootRows === 0 ? root + offset : locate(file, layout, root, rootRows, offset, 0);
  return new Cursor(file, start, start + length);
}

/** Objects over 4 KiB lie outside of the heap; a tree of its own finds them by number. */
function hugeObject(file: Hdf5File, layout: Layout, id: Cursor): Cursor {
  const wanted = id.unsigned(Math.min(id.left, file.lengthSize));
  let found: Cursor | undefined;
  visitRecords(file, layout.hugeTree, (record) => {
    const address = record.address();
    const length = record.length();
    if (record.length() === wanted) found = new Cursor(file, address, address + length);
  });
  if (found === undefined) throw damaged(file, 'an attribute is missing from its heap');
  return found;
}

/** The position of heap offset `offset` below an indirect block, counted from that block's start. */
function locate(file: Hdf5File, layout: Layout, address: number, rows: number, offset: number, depth: number): number {
  const { width, startSize, maxDirectSize } = layout;
  if (address === undefinedAddress || depth > 16) throw damaged(file, 'a heap is broken');
  const directRows = Math.log2(maxDirectSize / startSize) + 2;
  const sizeOf = (row: number): number => startSize * 2 ** Math.max(0, row - 1);
  let row = 0;
  let rest = offset;
  while (row < rows && rest >= width * sizeOf(row)) rest -= width * sizeOf(row++);
  if (row >= rows) throw damaged(file, 'an object lies outside of its heap');
  const column = Math.floor(rest / sizeOf(row));
  const block = new Cursor(file, address);
  block.expect('FHIB');
  block.skip(1 + file.offsetSize + layout.offsetBytes);
  block.skip((row * width + column) * file.offsetSize);
  const child = block.address();
  const within = rest - column * sizeOf(row);
  if (row < directRows) {
    if (child === undefinedAddress) throw damaged(file, 'a heap is broken');
    return child + within;
  }
  return locate(file, layout, child, Math.log2(sizeOf(row) / (startSize * width)) + 1, within, depth + 1);
}
