/**
 * HDF5 as Keras writes it, read from memory: groups, attributes and datasets, nothing else (HDF5 File Format Specification 3.0).
 * Own code rather than a library because a damaged file must end in an error: each step is bounded by the file's size.
 */
import { StudioError } from '../../errors.ts';
import { problems } from '../problems.ts';
import { visitRecords } from './btree2.ts';
import { Cursor, createFile, damaged, decodeText, type Hdf5File, undefinedAddress, unread } from './cursor.ts';
import { readStorage } from './dataset.ts';
import { countElements, type Datatype, readDataspace, readDatatype, readNumbers } from './datatype.ts';
import { openHeap } from './fractal-heap.ts';
import { readLinks } from './groups.ts';
import { type Message, messageType, readMessages } from './object-header.ts';

export interface Hdf5Dataset {
  readonly kind: 'dataset';
  readonly shape: readonly number[];
  readonly type: Datatype;
  /** Bytes of the values, unpacked. */
  readonly byteLength: number;
  /** The values as stored numbers; float16 and float32 come as Float32Array, all else as Float64Array. */
  read(): Float32Array | Float64Array;
}

export interface Hdf5Group {
  readonly kind: 'group';
  /** Names of the children, in file order (alphabetical in most files). */
  readonly names: readonly string[];
  /** A child or a descendant (`a/b`); undefined where there is none. */
  get(path: string): Hdf5Group | Hdf5Dataset | undefined;
  /** The text or texts of an attribute; undefined where there is none or it holds no text. */
  texts(attribute: string): readonly string[] | undefined;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Where the HDF5 signature stands (0, 512, 1024 …), or −1. */
export function hdf5Start(bytes: Uint8Array<ArrayBuffer>): number {
  for (let at = 0; at + 8 <= bytes.length; at = at === 0 ? 512 : at * 2) {
    if (signature.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

/** Opens a file. Throws FORMAT_TRUNCATED or FORMAT_DAMAGED; both can also come from later reads. */
export function openHdf5(bytes: Uint8Array<ArrayBuffer>, path: string): Hdf5Group {
  const file = createFile(bytes, path);
  return guarded(file, () => group(file, rootAddress(file)));
}

/** Anything a damaged file makes the standard library throw becomes FORMAT_DAMAGED. */
function guarded<T>(file: Hdf5File, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StudioError) throw error;
    if (error instanceof RangeError) throw damaged(file, 'its structures contradict each other');
    throw error;
  }
}

function rootAddress(file: Hdf5File): number {
  const start = hdf5Start(file.bytes);
  if (start < 0) throw damaged(file, 'it is not an HDF5 file');
  const cursor = new Cursor(file, start + 8);
  const version = cursor.u8();
  if (version > 3) throw damaged(file, `its superblock has the unknown version ${version}`);
  cursor.skip(version < 2 ? 4 : 0);
  file.offsetSize = cursor.u8();
  file.lengthSize = cursor.u8();
  if (![2, 4, 8].includes(file.offsetSize) || ![2, 4, 8].includes(file.lengthSize))
    throw damaged(file, 'its superblock is broken');
  cursor.skip(version === 0 ? 9 : version === 1 ? 13 : 1);
  file.base = cursor.address();
  cursor.address();
  // Unlike every other address, HDF5 writes this one without subtracting the base.
  const end = cursor.address() - file.base;
  if (end > file.bytes.length) throw problems.truncated(file.path, file.bytes.length, end);
  if (version >= 2) return cursor.address();
  cursor.address();
  cursor.skip(file.offsetSize);
  return cursor.address();
}

function group(file: Hdf5File, address: number): Hdf5Group {
  const messages = readMessages(file, address);
  const links = readLinks(file, messages);
  const children = new Map<string, Hdf5Group | Hdf5Dataset>();
  const child = (name: string): Hdf5Group | Hdf5Dataset | undefined => {
    const known = children.get(name);
    const at = links.get(name);
    if (known !== undefined || at === undefined) return known;
    const opened = guarded(file, () => object(file, at));
    children.set(name, opened);
    return opened;
  };
  return {
    kind: 'group',
    names: [...links.keys()],
    get(path) {
      const [head = '', ...rest] = path.split('/').filter((part) => part !== '');
      const found = child(head);
      if (rest.length === 0) return found;
      return found?.kind === 'group' ? found.get(rest.join('/')) : undefined;
    },
    texts: (attribute) => guarded(file, () => attributeTexts(file, messages, attribute)),
  };
}

function object(file: Hdf5File, address: number): Hdf5Group | Hdf5Dataset {
  const messages = readMessages(file, address);
  const typeMessage = messages.find((message) => message.type === messageType.datatype);
  const spaceMessage = messages.find((message) => message.type === messageType.dataspace);
  if (typeMessage === undefined || spaceMessage === undefined) return group(file, address);
  if (typeMessage.flags & 2) throw unread(file, 'it uses named datatypes');
  const type = readDatatype(new Cursor(file, typeMessage.start, typeMessage.end));
  const shape = readDataspace(file, new Cursor(file, spaceMessage.start, spaceMessage.end)) ?? [0];
  return {
    kind: 'dataset',
    shape,
    type,
    byteLength: countElements(shape) * type.size,
    read: () => guarded(file, () => readValues(file, messages, shape, type)),
  };
}

function readValues(
  file: Hdf5File,
  messages: readonly Message[],
  shape: readonly number[],
  type: Datatype,
): Float32Array | Float64Array {
  const numeric = type.kind === 'float' ? [2, 4, 8] : type.kind === 'signed' || type.kind === 'unsigned' ? [1, 2, 4, 8] : [];
  if (!numeric.includes(type.size)) throw unread(file, `a tensor is stored as ${type.kind === 'other' ? type.name : type.kind}`);
  return readNumbers(readStorage(file, messages, shape, type.size), type, countElements(shape));
}

function attributeTexts(file: Hdf5File, messages: readonly Message[], wanted: string): readonly string[] | undefined {
  let found: readonly string[] | undefined;
  const look = (attribute: Cursor): void => {
    found ??= attributeText(file, attribute, wanted);
  };
  for (const { type, start, end } of messages) {
    if (type === messageType.attribute) look(new Cursor(file, start, end));
    else if (type === messageType.attributeInfo) visitDense(file, new Cursor(file, start, end), look);
  }
  return found;
}

/** Attributes of an object with many in a newer file: an index of heap ids, each an attribute message. */
function visitDense(file: Hdf5File, info: Cursor, look: (attribute: Cursor) => void): void {
  info.skip(1);
  if (info.u8() & 1) info.skip(2);
  const heapAddress = info.address();
  if (heapAddress === undefinedAddress) return;
  const heap = openHeap(file, heapAddress);
  visitRecords(file, info.address(), (record) => look(heap.object(record)));
}

/** The texts of an attribute message where it has the wanted name and holds text. */
function attributeText(file: Hdf5File, cursor: Cursor, wanted: string): readonly string[] | undefined {
  const version = cursor.u8();
  const flags = cursor.u8();
  const [nameSize, typeSize, spaceSize] = [cursor.u16(), cursor.u16(), cursor.u16()];
  if (version === 3) cursor.skip(1);
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const nameAt = cursor.at;
  if (cursor.text(nameSize) !== wanted) return undefined;
  if (version >= 2 && flags & 1) throw unread(file, 'it uses named datatypes');
  const typeAt = nameAt + padded(nameSize);
  const spaceAt = typeAt + padded(typeSize);
  const type = readDatatype(new Cursor(file, typeAt, typeAt + typeSize));
  const shape = readDataspace(file, new Cursor(file, spaceAt, spaceAt + spaceSize));
  return texts(file, new Cursor(file, spaceAt + padded(spaceSize), cursor.end), type, countElements(shape));
}

function texts(file: Hdf5File, cursor: Cursor, type: Datatype, count: number): readonly string[] | undefined {
  if (type.kind !== 'text' && type.kind !== 'texts') return undefined;
  if (count * type.size > cursor.left) throw damaged(file, 'an attribute is cut off');
  if (type.kind === 'text') return Array.from({ length: count }, () => cursor.text(type.size));
  return Array.from({ length: count }, () => {
    const length = cursor.u32();
    const collection = cursor.address();
    const index = cursor.u32();
    return length === 0 ? '' : heapText(file, collection, index, length);
  });
}

/** A text in a global heap collection (III.E): objects follow each other, each padded to 8 bytes. */
function heapText(file: Hdf5File, collection: number, index: number, length: number): string {
  const head = new Cursor(file, collection);
  head.expect('GCOL');
  head.skip(4);
  const size = head.length();
  const cursor = new Cursor(file, head.at, Math.min(collection + size, file.bytes.length));
  while (cursor.left >= 8 + file.lengthSize) {
    const at = cursor.u16();
    cursor.skip(6);
    const bytes = cursor.length();
    if (at === 0) break;
    if (at === index) return decodeText(cursor.slice(Math.min(length, bytes)));
    cursor.skip(Math.min(Math.ceil(bytes / 8) * 8, cursor.left));
  }
  throw damaged(file, 'a text is missing from its heap');
}
