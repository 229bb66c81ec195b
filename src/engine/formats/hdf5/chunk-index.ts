/**
 * Where the chunks of a tensor lie in newer files (`libver='latest'`; HDF5 File Format Specification 3.0, IV.A.2.i layout version 4 (5 differs where nothing here looks) and
 * appendix C, VII): one chunk, chunks in a row, a fixed array, an extensible array, or a version 2 B-tree. Arrays list the chunks row-major
 * over the grid of chunks. Every read is counted and bounded by the cursor, and no array is believed to be longer than the grid.
 */
import { visitRecords } from './btree2.ts';
import { Cursor, damaged, type Hdf5File, undefinedAddress, unread } from './cursor.ts';

export interface Chunk {
  readonly offset: readonly number[];
  readonly stored: Uint8Array<ArrayBuffer>;
  /** Bit i: filter i was left out. */
  readonly filterMask: number;
}

export interface ChunkGrid {
  readonly chunkShape: readonly number[];
  readonly chunks: readonly Chunk[];
}

interface Grid {
  readonly file: Hdf5File;
  readonly chunkShape: readonly number[];
  /** Chunks along each axis. */
  readonly counts: readonly number[];
  readonly total: number;
  /** Bytes of an unpacked chunk. */
  readonly chunkBytes: number;
  readonly chunks: Chunk[];
}

/** Reads a version 4 or 5 layout from behind its class. Throws FORMAT_DAMAGED. */
export function readChunkIndex(file: Hdf5File, cursor: Cursor, shape: readonly number[], elementSize: number): ChunkGrid {
  const flags = cursor.u8();
  const rank = cursor.u8() - 1;
  const encoded = cursor.u8();
  if (rank !== shape.length) throw damaged(file, 'the chunks of a tensor have another rank than the tensor');
  if (encoded < 1 || encoded > 8) throw damaged(file, 'the chunks of a tensor have no size');
  const chunkShape = Array.from({ length: rank }, () => cursor.unsigned(encoded));
  cursor.unsigned(encoded);
  if (chunkShape.includes(0)) throw damaged(file, 'the chunks of a tensor have no size');
  const counts = shape.map((size, axis) => Math.ceil(size / (chunkShape[axis] as number)));
  const total = counts.reduce((product, count) => product * count, 1);
  const chunkBytes = chunkShape.reduce((product, size) => product * size, elementSize);
  // Each chunk has its own place in an index, at the least a byte.
  if (!(total <= file.bytes.length)) throw damaged(file, 'a tensor has more chunks than the file can hold');
  const grid: Grid = { file, chunkShape, counts, total, chunkBytes, chunks: [] };
  if (flags & 1) throw unread(file, 'the chunks at the edge of a tensor are stored otherwise than the others');
  const kind = cursor.u8();
  if (kind === 1) {
    const packed = (flags & 2) !== 0;
    const size = packed ? cursor.length() : chunkBytes;
    const mask = packed ? cursor.u32() : 0;
    take(grid, 0, cursor.address(), size, mask);
  } else if (kind === 2) {
    const start = cursor.address();
    for (let index = 0; start !== undefinedAddress && index < total; index++)
      take(grid, index, start + index * chunkBytes, chunkBytes, 0);
  } else if (kind === 3) {
    cursor.skip(1);
    fixedArray(grid, cursor.address());
  } else if (kind === 4) {
    cursor.skip(5);
    extensibleArray(grid, cursor.address());
  } else if (kind === 5) {
    cursor.skip(6);
    tree(grid, cursor.address());
  } else throw damaged(file, 'the chunks of a tensor are listed in an unknown way');
  return { chunkShape, chunks: grid.chunks };
}

/** Keeps chunk `index` of the grid, unless it was never written. */
function take(
  { file, counts, chunkShape, chunks }: Grid,
  index: number,
  address: number,
  size: number,
  filterMask: number,
): void {
  if (address === undefinedAddress) return;
  const offset = new Array<number>(counts.length).fill(0);
  let rest = index;
  for (let axis = counts.length - 1; axis >= 0; axis--) {
    const count = counts[axis] as number;
    offset[axis] = (rest % count) * (chunkShape[axis] as number);
    rest = Math.floor(rest / count);
  }
  chunks.push({ offset, filterMask, stored: new Cursor(file, address).slice(size) });
}

/** How the elements of an array are stored: an address, and where chunks are packed their size and what was left out. */
interface Elements {
  readonly size: number;
  readonly packed: boolean;
}

/** Takes `count` elements from the cursor on, as chunks from `first` on; those beyond the grid are room for growth. */
function takeElements(grid: Grid, cursor: Cursor, { size, packed }: Elements, first: number, count: number): void {
  for (let i = 0; i < count; i++) {
    if (first + i >= grid.total) return;
    const address = cursor.address();
    const bytes = packed ? cursor.unsigned(size - grid.file.offsetSize - 4) : grid.chunkBytes;
    take(grid, first + i, address, bytes, packed ? cursor.u32() : 0);
  }
}

/** The head that all parts of an array begin with; `from` says what the elements are. */
function openPart(grid: Grid, address: number, signature: string): Cursor {
  const cursor = new Cursor(grid.file, address);
  cursor.expect(signature);
  cursor.skip(2 + grid.file.offsetSize);
  return cursor;
}

function openHeader(grid: Grid, address: number, signature: string): { cursor: Cursor; elements: Elements } {
  const cursor = new Cursor(grid.file, address);
  cursor.expect(signature);
  cursor.skip(1);
  const packed = cursor.u8() === 1;
  const size = cursor.u8();
  const extra = size - grid.file.offsetSize - 4;
  if (packed ? extra < 1 || extra > 8 : size !== grid.file.offsetSize) throw damaged(grid.file, 'an index of chunks is broken');
  return { cursor, elements: { size, packed } };
}

/** Elements in one run, or where they are many in pages with a checksum each. */
function takeRun(grid: Grid, cursor: Cursor, elements: Elements, run: { first: number; count: number; pageSize: number }): void {
  const { first, count, pageSize } = run;
  if (count <= pageSize) {
    takeElements(grid, cursor, elements, first, count);
    return;
  }
  cursor.skip(4);
  for (let page = 0; page < count && first + page < grid.total; page += pageSize) {
    const inside = Math.min(pageSize, count - page);
    takeElements(grid, new Cursor(grid.file, cursor.at), elements, first + page, inside);
    cursor.skip(inside * elements.size + 4);
  }
}

function fixedArray(grid: Grid, address: number): void {
  if (address === undefinedAddress) return;
  const { cursor, elements } = openHeader(grid, address, 'FAHD');
  const pageSize = 2 ** cursor.u8();
  const count = cursor.length();
  const place = cursor.address();
  if (place === undefinedAddress) return;
  if (count < grid.total) throw damaged(grid.file, 'an index of chunks is too short');
  const block = openPart(grid, place, 'FADB');
  if (count > pageSize) block.skip(Math.ceil(Math.ceil(count / pageSize) / 8));
  takeRun(grid, block, elements, { first: 0, count, pageSize });
}

/** Elements in the index block, then in data blocks that grow, the later ones listed in secondary blocks. */
function extensibleArray(grid: Grid, address: number): void {
  if (address === undefinedAddress) return;
  const { file } = grid;
  const { cursor, elements } = openHeader(grid, address, 'EAHD');
  const [indexBits, inIndex, minElements, minPointers, pageBits] = [
    cursor.u8(),
    cursor.u8(),
    cursor.u8(),
    cursor.u8(),
    cursor.u8(),
  ];
  cursor.skip(6 * file.lengthSize);
  const place = cursor.address();
  const powers = [minElements, minPointers].every((size) => size > 0 && Number.isInteger(Math.log2(size)));
  if (!powers || indexBits > 64) throw damaged(file, 'an index of chunks is broken');
  if (place === undefinedAddress) return;
  const index = openPart(grid, place, 'EAIB');
  takeElements(grid, new Cursor(file, index.at), elements, 0, inIndex);
  index.skip(inIndex * elements.size);
  const offsetBytes = Math.ceil(indexBits / 8);
  const pageSize = 2 ** pageBits;
  const direct = 2 * Math.log2(minPointers);
  let first = inIndex;
  for (let level = 0; first < grid.total && level < 64; level++) {
    const blocks = 2 ** Math.floor(level / 2);
    const count = 2 ** Math.ceil(level / 2) * minElements;
    let list = index;
    if (level >= direct) {
      const secondary = index.address();
      if (secondary === undefinedAddress) return;
      list = openPart(grid, secondary, 'EASB');
      list.skip(offsetBytes + (count > pageSize ? blocks * Math.ceil(count / pageSize / 8) : 0));
    }
    for (let block = 0; block < blocks; block++, first += count) {
      const at = list.address();
      if (at === undefinedAddress || first >= grid.total) continue;
      const data = openPart(grid, at, 'EADB');
      data.skip(offsetBytes);
      takeRun(grid, data, elements, { first, count, pageSize });
    }
  }
}

function tree(grid: Grid, address: number): void {
  const { file, counts, chunkShape, chunkBytes, chunks } = grid;
  const rank = counts.length;
  visitRecords(file, address, (record) => {
    const place = record.address();
    const extra = record.left - 8 * rank;
    const size = extra > 4 ? record.unsigned(extra - 4) : chunkBytes;
    const filterMask = extra > 4 ? record.u32() : 0;
    const offset = Array.from(chunkShape, (length) => record.unsigned(8) * length);
    if (place !== undefinedAddress) chunks.push({ offset, filterMask, stored: new Cursor(file, place).slice(size) });
  });
}
