/**
 * Version 2 B-trees (HDF5 File Format Specification 3.0, III.A.2), the index of large groups in newer files: all records are
 * visited, in order. What a record means is its reader's business.
 */
import { Cursor, damaged, type Hdf5File, undefinedAddress } from './cursor.ts';

/** Signature, version, type and checksum of a node. */
const nodeOverhead = 10;

interface Tree {
  readonly nodeSize: number;
  readonly recordSize: number;
  /** Bytes of a child's record count, by the depth of the child. */
  readonly countSizes: readonly { readonly own: number; readonly total: number }[];
}

/** Calls `visit` with a cursor at the start of each record. */
export function visitRecords(file: Hdf5File, address: number, visit: (record: Cursor) => void): void {
  if (address === undefinedAddress) return;
  const header = new Cursor(file, address);
  header.expect('BTHD');
  header.skip(2);
  const nodeSize = header.u32();
  const recordSize = header.u16();
  const depth = header.u16();
  header.skip(2);
  const root = header.address();
  const count = header.u16();
  if (recordSize === 0 || depth > 16 || nodeSize <= nodeOverhead + recordSize) throw damaged(file, 'an index is broken');
  const tree = { nodeSize, recordSize, countSizes: countSizes(file, nodeSize, recordSize, depth) };
  if (root !== undefinedAddress) visitNode(file, tree, root, count, depth, visit);
}

/** Bytes that hold any number up to `limit`. */
export function bytesFor(limit: number): number {
  return Math.floor(Math.log2(Math.max(1, limit)) / 8) + 1;
}

function countSizes(file: Hdf5File, nodeSize: number, recordSize: number, depth: number): Tree['countSizes'] {
  const leafRecords = Math.floor((nodeSize - nodeOverhead) / recordSize);
  const own = bytesFor(leafRecords);
  let total = leafRecords;
  const sizes = [{ own, total: 0 }];
  for (let level = 1; level < depth; level++) {
    const pointer = file.offsetSize + own + (sizes[level - 1]?.total ?? 0);
    const records = Math.floor((nodeSize - nodeOverhead - pointer) / (recordSize + pointer));
    total = (records + 1) * total + records;
    sizes.push({ own, total: bytesFor(total) });
  }
  return sizes;
}

function visitNode(
  file: Hdf5File,
  tree: Tree,
  address: number,
  count: number,
  depth: number,
  visit: (record: Cursor) => void,
): void {
  const { recordSize } = tree;
  const node = new Cursor(file, address);
  node.expect(depth === 0 ? 'BTLF' : 'BTIN');
  node.skip(2);
  const records = node.at;
  if (depth === 0) {
    for (let i = 0; i < count; i++) visit(new Cursor(file, records + i * recordSize, records + (i + 1) * recordSize));
    return;
  }
  node.skip(count * recordSize);
  const sizes = tree.countSizes[depth - 1];
  for (let i = 0; i <= count; i++) {
    const child = node.address();
    const childCount = node.unsigned(sizes?.own ?? 1);
    node.skip(sizes?.total ?? 0);
    visitNode(file, tree, child, childCount, depth - 1, visit);
    if (i < count) visit(new Cursor(file, records + i * recordSize, records + (i + 1) * recordSize));
  }
}
