/**
 * Stored values of a dataset (HDF5 File Format Specification 3.0, IV.A.2.i and l, III.A): compact, contiguous and chunked
 * layouts, with the shuffle, deflate and Fletcher-32 filters. Sizes are compared with the file before anything is allocated.
 */
import { unzlibSync } from 'fflate';
import { type Chunk, readChunkIndex } from './chunk-index.ts';
import { Cursor, damaged, type Hdf5File, undefinedAddress, unread } from './cursor.ts';
import { type Message, messageType } from './object-header.ts';

interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

/** Deflate can't expand more than this. */
const maxExpansion = 1032;

/** The raw bytes of a dataset, row-major, `elementSize` bytes each. */
export function readStorage(
  file: Hdf5File,
  messages: readonly Message[],
  shape: readonly number[],
  elementSize: number,
): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  const need = count * elementSize;
  if (!(need <= file.bytes.length * maxExpansion))
    throw damaged(file, `a tensor of shape [${shape.join(', ')}] can not be in it`);
  const layout = messages.find((message) => message.type === messageType.layout);
  if (layout === undefined) throw damaged(file, 'a tensor does not say where it is stored');
  if (count === 0) return new Uint8Array(0);
  const cursor = new Cursor(file, layout.start, layout.end);
  const version = cursor.u8();
  if (version < 3 || version > 5) throw unread(file, `a tensor is stored in layout version ${version}`);
  const kind = cursor.u8();
  if (kind === 0) return exactly(file, cursor.slice(cursor.u16()), need);
  if (kind === 1) {
    const address = cursor.address();
    if (address === undefinedAddress) throw damaged(file, 'a tensor was created, but never written');
    return exactly(file, new Cursor(file, address).slice(cursor.length()), need);
  }
  if (kind !== 2) throw damaged(file, 'a tensor is stored in an unknown way');
  const filters = readFilters(file, messages);
  if (version === 3) return chunkedByTree(file, cursor, shape, elementSize, filters);
  const { chunkShape, chunks } = readChunkIndex(file, cursor, shape, elementSize);
  return assemble(file, shape, chunkShape, elementSize, filters, chunks);
}

function exactly(file: Hdf5File, bytes: Uint8Array<ArrayBuffer>, need: number): Uint8Array<ArrayBuffer> {
  if (bytes.length < need) throw damaged(file, `a tensor needs ${need} bytes and has ${bytes.length}`);
  return bytes.subarray(0, need);
}

function readFilters(file: Hdf5File, messages: readonly Message[]): readonly Filter[] {
  const message = messages.find((candidate) => candidate.type === messageType.filters);
  if (message === undefined) return [];
  const cursor = new Cursor(file, message.start, message.end);
  const version = cursor.u8();
  const count = cursor.u8();
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => {
    const id = cursor.u16();
    const nameLength = version === 1 || id >= 256 ? cursor.u16() : 0;
    cursor.skip(2);
    const valueCount = cursor.u16();
    cursor.skip(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength);
    const values = Array.from({ length: valueCount }, () => cursor.u32());
    if (version === 1 && valueCount % 2 === 1) cursor.skip(4);
    return { id, values };
  });
}

function chunkedByTree(
  file: Hdf5File,
  cursor: Cursor,
  shape: readonly number[],
  elementSize: number,
  filters: readonly Filter[],
): Uint8Array<ArrayBuffer> {
  const rank = cursor.u8() - 1;
  const tree = cursor.address();
  if (rank !== shape.length) throw damaged(file, 'the chunks of a tensor have another rank than the tensor');
  const chunkShape = Array.from({ length: rank }, () => cursor.u32());
  if (tree === undefinedAddress) throw damaged(file, 'a tensor was created, but never written');
  const chunks: Chunk[] = [];
  walkChunks(file, tree, rank, 0, new Set(), chunks);
  return assemble(file, shape, chunkShape, elementSize, filters, chunks);
}

function walkChunks(file: Hdf5File, address: number, rank: number, depth: number, seen: Set<number>, chunks: Chunk[]): void {
  if (seen.has(address) || depth > 16) throw damaged(file, 'the index of a tensor points back to itself');
  seen.add(address);
  const node = new Cursor(file, address);
  node.expect('TREE');
  if (node.u8() !== 1) throw damaged(file, 'the index of a tensor is of the wrong kind');
  const level = node.u8();
  const entries = node.u16();
  node.skip(2 * file.offsetSize);
  for (let i = 0; i < entries; i++) {
    const size = node.u32();
    const filterMask = node.u32();
    const offset = Array.from({ length: rank }, () => node.unsigned(8));
    node.skip(8);
    const child = node.address();
    if (level > 0) walkChunks(file, child, rank, depth + 1, seen, chunks);
    else chunks.push({ offset, filterMask, stored: new Cursor(file, child).slice(size) });
  }
}

function assemble(
  file: Hdf5File,
  shape: readonly number[],
  chunkShape: readonly number[],
  elementSize: number,
  filters: readonly Filter[],
  chunks: readonly Chunk[],
): Uint8Array<ArrayBuffer> {
  const chunkBytes = chunkShape.reduce((product, size) => product * size, elementSize);
  if (!(chunkBytes > 0 && chunkBytes <= file.bytes.length * maxExpansion))
    throw damaged(file, 'a tensor has chunks of an absurd size');
  const expected = shape.reduce((product, size, axis) => product * Math.ceil(size / (chunkShape[axis] as number)), 1);
  if (chunks.length !== expected) throw damaged(file, `a tensor has ${chunks.length} of its ${expected} chunks`);
  const target = new Uint8Array(shape.reduce((product, size) => product * size, elementSize));
  for (const chunk of chunks) {
    const content = unfilter(file, chunk, filters, chunkBytes, elementSize);
    copyChunk(content, target, shape, chunkShape, chunk.offset, elementSize);
  }
  return target;
}

function unfilter(
  file: Hdf5File,
  chunk: Chunk,
  filters: readonly Filter[],
  size: number,
  elementSize: number,
): Uint8Array<ArrayBuffer> {
  let bytes = chunk.stored;
  for (let i = filters.length - 1; i >= 0; i--) {
    if (chunk.filterMask & (1 << i)) continue;
    const filter = filters[i] as Filter;
    if (filter.id === 1) bytes = inflate(file, bytes, size + 4);
    else if (filter.id === 2) bytes = unshuffle(bytes, filter.values[0] ?? elementSize);
    else if (filter.id === 3) bytes = bytes.subarray(0, Math.max(0, bytes.length - 4));
    else throw unread(file, `its tensors are packed with the filter ${filterNames[filter.id] ?? filter.id}`);
  }
  if (bytes.length !== size) throw damaged(file, `a chunk of a tensor unpacks to ${bytes.length} bytes instead of ${size}`);
  return bytes;
}

const filterNames: Readonly<Record<number, string>> = { 4: 'szip', 5: 'nbit', 6: 'scale-offset', 32000: 'lzf', 32001: 'blosc' };

function inflate(file: Hdf5File, bytes: Uint8Array<ArrayBuffer>, capacity: number): Uint8Array<ArrayBuffer> {
  let content: Uint8Array<ArrayBuffer>;
  try {
    content = unzlibSync(bytes, { out: new Uint8Array(capacity) }) as Uint8Array<ArrayBuffer>;
  } catch {
    throw damaged(file, 'a compressed tensor can not be unpacked');
  }
  const end = bytes.byteOffset + bytes.length;
  if (new DataView(bytes.buffer).getUint32(end - 4) !== adler32(content)) {
    throw damaged(file, 'a compressed tensor does not fit its checksum');
  }
  return content;
}

/** The checksum of zlib streams (RFC 1950), which fflate does not look at. */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let start = 0; start < bytes.length; start += 3800) {
    const end = Math.min(start + 3800, bytes.length);
    for (let i = start; i < end; i++) {
      low += bytes[i] as number;
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return high * 65536 + low;
}

function unshuffle(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const count = Math.floor(bytes.length / Math.max(1, size));
  const result = bytes.slice();
  for (let plane = 0; plane < size; plane++) {
    for (let i = 0; i < count; i++) result[i * size + plane] = bytes[plane * count + i] as number;
  }
  return result;
}

/** Copies a chunk's rows into the tensor, leaving out what hangs over its edges. */
function copyChunk(
  content: Uint8Array<ArrayBuffer>,
  target: Uint8Array<ArrayBuffer>,
  shape: readonly number[],
  chunkShape: readonly number[],
  offset: readonly number[],
  elementSize: number,
): void {
  const rank = shape.length;
  const inside = shape.map((size, axis) => Math.min(chunkShape[axis] as number, size - (offset[axis] as number)));
  if (inside.some((size) => size <= 0)) return;
  const rowBytes = (inside[rank - 1] ?? 1) * elementSize;
  const index = new Array<number>(rank).fill(0);
  for (;;) {
    let from = 0;
    let to = 0;
    for (let axis = 0; axis < rank; axis++) {
      from = from * (chunkShape[axis] as number) + (index[axis] as number);
      to = to * (shape[axis] as number) + (offset[axis] as number) + (index[axis] as number);
    }
    target.set(content.subarray(from * elementSize, from * elementSize + rowBytes), to * elementSize);
    let axis = rank - 2;
    while (axis >= 0 && ++(index[axis] as number) === inside[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}
