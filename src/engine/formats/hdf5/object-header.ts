/**
 * Object headers (HDF5 File Format Specification 3.0, IV.A): the list of messages that excerpt a group or a dataset,
 * in version 1 (Keras' default) and version 2 (`libver='latest'`), with their continuation blocks.
 */
import { Cursor, damaged, type Hdf5File } from './cursor.ts';

export interface Message {
  readonly type: number;
  /** Bit 1: the message is stored elsewhere and shared. */
  readonly flags: number;
  readonly start: number;
  readonly end: number;
}

export const messageType = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const maxMessages = 100_000;

/** All messages of the object at `address`. */
export function readMessages(file: Hdf5File, address: number): readonly Message[] {
  const cursor = new Cursor(file, address);
  return file.bytes[cursor.at] === 1 ? version1(file, cursor) : version2(file, cursor);
}

function version1(file: Hdf5File, cursor: Cursor): Message[] {
  cursor.skip(8);
  const size = cursor.u32();
  cursor.skip(4);
  const blocks = [{ start: cursor.at, end: cursor.at + size }];
  return collect(file, blocks, (block, messages) => {
    const inside = new Cursor(file, block.start, block.end);
    while (inside.left >= 8) {
      const type = inside.u16();
      const length = inside.u16();
      const flags = inside.u8();
      inside.skip(3);
      take(inside, { type, flags, length }, messages, blocks, 0);
    }
  });
}

function version2(file: Hdf5File, cursor: Cursor): Message[] {
  cursor.expect('OHDR');
  if (cursor.u8() !== 2) throw damaged(file, 'an object header has an unknown version');
  const headerFlags = cursor.u8();
  if (headerFlags & 0x20) cursor.skip(16);
  if (headerFlags & 0x10) cursor.skip(4);
  const size = cursor.unsigned(1 << (headerFlags & 3));
  const blocks = [{ start: cursor.at, end: cursor.at + size }];
  const ordered = (headerFlags & 4) !== 0;
  return collect(file, blocks, (block, messages, first) => {
    const inside = new Cursor(file, block.start, first ? block.end : block.end - 4);
    if (!first) inside.expect('OCHK');
    while (inside.left >= (ordered ? 6 : 4)) {
      const type = inside.u8();
      const length = inside.u16();
      const flags = inside.u8();
      if (ordered) inside.skip(2);
      take(inside, { type, flags, length }, messages, blocks, 1);
    }
  });
}

interface Block {
  readonly start: number;
  readonly end: number;
}

function collect(file: Hdf5File, blocks: Block[], read: (block: Block, messages: Message[], first: boolean) => void): Message[] {
  const messages: Message[] = [];
  for (let i = 0; i < blocks.length; i++) {
    read(blocks[i] as Block, messages, i === 0);
    if (messages.length > maxMessages) throw damaged(file, 'an object has more header messages than a file can hold');
  }
  return messages;
}

function take(
  cursor: Cursor,
  head: { readonly type: number; readonly flags: number; readonly length: number },
  messages: Message[],
  blocks: Block[],
  version: 0 | 1,
): void {
  const start = cursor.at;
  // A version 2 block may end in a gap too small for a message.
  if (version === 1 && head.length > cursor.left) {
    cursor.skip(cursor.left);
    return;
  }
  cursor.skip(head.length);
  if (head.type === messageType.continuation) {
    const inside = new Cursor(cursor.file, start, start + head.length);
    const address = inside.address();
    blocks.push({ start: address, end: address + inside.length() });
  } else if (head.type !== 0) {
    messages.push({ type: head.type, flags: head.flags, start, end: start + head.length });
  }
}
