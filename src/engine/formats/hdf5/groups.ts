/**
 * Links of groups (HDF5 File Format Specification 3.0, III.A, III.D, III.E and IV.A.2.g): symbol tables behind a version 1
 * B-tree with a local heap, which is what h5py writes by default, and the link messages of newer files, in the group's own header
 * or, where there are many, in a heap.
 */
import { visitRecords } from './btree2.ts';
import { Cursor, damaged, decodeText, type Hdf5File, undefinedAddress } from './cursor.ts';
import { openHeap } from './fractal-heap.ts';
import { type Message, messageType } from './object-header.ts';

/** The children of a group: name to object header address, in file order. */
export function readLinks(file: Hdf5File, messages: readonly Message[]): ReadonlyMap<string, number> {
  const links = new Map<string, number>();
  for (const message of messages) {
    const cursor = new Cursor(file, message.start, message.end);
    if (message.type === messageType.symbolTable) symbolTable(file, cursor, links);
    else if (message.type === messageType.link) linkMessage(cursor, links);
    else if (message.type === messageType.linkInfo) denseLinks(file, cursor, links);
  }
  return links;
}

function symbolTable(file: Hdf5File, cursor: Cursor, links: Map<string, number>): void {
  const tree = cursor.address();
  const heap = new Cursor(file, cursor.address());
  heap.expect('HEAP');
  heap.skip(4);
  const heapSize = heap.length();
  heap.length();
  const names = new Cursor(file, heap.address()).slice(heapSize);
  walkTree(file, tree, 0, new Set(), (leaf) => {
    leaf.expect('SNOD');
    leaf.skip(2);
    const count = leaf.u16();
    for (let i = 0; i < count; i++) {
      const nameAt = leaf.unsigned(file.offsetSize);
      const address = leaf.address();
      leaf.skip(24);
      links.set(decodeText(names.subarray(nameAt)), address);
    }
  });
}

/** Visits the leaves of a version 1 B-tree of group nodes. */
function walkTree(file: Hdf5File, address: number, depth: number, seen: Set<number>, leaf: (cursor: Cursor) => void): void {
  if (seen.has(address) || depth > 16) throw damaged(file, 'the index of a group points back to itself');
  seen.add(address);
  const node = new Cursor(file, address);
  node.expect('TREE');
  if (node.u8() !== 0) throw damaged(file, 'the index of a group is of the wrong kind');
  const level = node.u8();
  const entries = node.u16();
  node.skip(2 * file.offsetSize);
  for (let i = 0; i < entries; i++) {
    node.skip(file.lengthSize);
    const child = node.address();
    if (level === 0) leaf(new Cursor(file, child));
    else walkTree(file, child, depth + 1, seen, leaf);
  }
}

function linkMessage(cursor: Cursor, links: Map<string, number>): void {
  cursor.skip(1);
  const flags = cursor.u8();
  const kind = flags & 8 ? cursor.u8() : 0;
  if (flags & 4) cursor.skip(8);
  if (flags & 16) cursor.skip(1);
  const name = cursor.text(cursor.unsigned(1 << (flags & 3)));
  // Soft and external links (1, 64) lead nowhere that Keras would store a weight.
  if (kind === 0) links.set(name, cursor.address());
}

/** Links of a large group in a newer file: an index of heap ids, each a link message. */
function denseLinks(file: Hdf5File, cursor: Cursor, links: Map<string, number>): void {
  cursor.skip(1);
  if (cursor.u8() & 1) cursor.skip(8);
  const heapAddress = cursor.address();
  if (heapAddress === undefinedAddress) return;
  const heap = openHeap(file, heapAddress);
  visitRecords(file, cursor.address(), (record) => {
    record.skip(4);
    linkMessage(heap.object(record), links);
  });
}
