/**
 * HDF5 for weights: groups, float32 tensors and texts, in the structures of HDF5 1.8 (HDF5 File Format Specification 3.0: superblock 2,
 * object headers 2, links in the header, contiguous storage). Own code rather than the library, which would add four megabytes to the
 * page and stamps the time: here the same tree always gives the same bytes. The library (h5wasm) reads them in the tests.
 */
import { lookup3 } from './checksum.ts';

export interface GroupToWrite {
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>;
  readonly children: ReadonlyMap<string, GroupToWrite | TensorToWrite>;
}

export interface TensorToWrite {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

/** A list attribute takes at most this many bytes, as h5py has it; longer ones are for the caller to cut. */
export const largestAttribute = 64_512;

const encoder = new TextEncoder();
const nowhere = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const bytesOf = (size: number) => (value: number) =>
  Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
const u16 = bytesOf(2);
const u32 = bytesOf(4);
const u64 = bytesOf(8);

const message = { dataspace: 1, linkInfo: 2, datatype: 3, fill: 5, link: 6, layout: 8, groupInfo: 10, attribute: 12 } as const;
const float32Type = [0x11, 0x20, 31, 0, ...u32(4), ...u16(0), ...u16(32), 23, 8, 0, 23, ...u32(127)];
const textType = [0x19, 0x01, 0x01, 0, ...u32(16), 0x10, 0, 0, 0, ...u32(1), ...u16(0), ...u16(8)];
const fixedTextType = (size: number): number[] => [0x13, 0x11, 0, 0, ...u32(size)];
const scalar = [2, 0, 0, 0];
const dataspace = (shape: readonly number[]): number[] =>
  shape.length === 0 ? scalar : [2, shape.length, 0, 1, ...shape.flatMap(u64)];

/** The bytes of a file with this tree. Names are unique in their group and shorter than 64 kB. */
export function writeHdf5(root: GroupToWrite): Uint8Array<ArrayBuffer> {
  const file = new Pieces();
  file.reserve(48);
  const rootAddress = writeGroup(file, root);
  const head = [
    0x89,
    0x48,
    0x44,
    0x46,
    0x0d,
    0x0a,
    0x1a,
    0x0a,
    2,
    8,
    8,
    0,
    ...u64(0),
    ...nowhere,
    ...u64(file.length),
    ...u64(rootAddress),
  ];
  file.put(0, withChecksum(head));
  return file.join();
}

/** What was written so far, piece by piece, each at an address that is a multiple of 8. */
class Pieces {
  length = 0;
  readonly #pieces: { readonly at: number; readonly bytes: Uint8Array }[] = [];

  reserve(count: number): number {
    const at = this.length;
    this.length = Math.ceil((at + count) / 8) * 8;
    return at;
  }

  put(at: number, bytes: Uint8Array): void {
    this.#pieces.push({ at, bytes });
  }

  add(bytes: Uint8Array): number {
    const at = this.reserve(bytes.length);
    this.put(at, bytes);
    return at;
  }

  join(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.length);
    for (const { at, bytes } of this.#pieces) whole.set(bytes, at);
    return whole;
  }
}

function withChecksum(bytes: readonly number[]): Uint8Array {
  return Uint8Array.from([...bytes, ...u32(lookup3(Uint8Array.from(bytes)))]);
}

/** An object header with its messages, each `[type, ...content]`. */
function header(messages: readonly (readonly number[])[]): Uint8Array {
  const content = messages.flatMap(([type = 0, ...rest]) => [type, ...u16(rest.length), 0, ...rest]);
  return withChecksum([0x4f, 0x48, 0x44, 0x52, 2, 2, ...u32(content.length), ...content]);
}

function writeGroup(file: Pieces, { attributes = {}, children }: GroupToWrite): number {
  const links = Array.from(children, ([name, child]) => {
    const address = 'values' in child ? writeTensor(file, child) : writeGroup(file, child);
    const text = encoder.encode(name);
    return [message.link, 1, 0x11, 1, ...u16(text.length), ...text, ...u64(address)];
  });
  const texts = Object.entries(attributes).map(([name, value]) =>
    typeof value === 'string' ? textAttribute(file, name, value) : listAttribute(name, value),
  );
  const linkInfo = [message.linkInfo, 0, 0, ...nowhere, ...nowhere];
  return file.add(header([linkInfo, [message.groupInfo, 0, 0], ...links, ...texts]));
}

function writeTensor(file: Pieces, { shape, values }: TensorToWrite): number {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const place = bytes.length === 0 ? nowhere : u64(file.add(bytes));
  return file.add(
    header([
      [message.dataspace, ...dataspace(shape)],
      [message.datatype, ...float32Type],
      // Space is taken when it is written; there is no fill value.
      [message.fill, 3, 0x0a],
      [message.layout, 3, 1, ...place, ...u64(bytes.length)],
    ]),
  );
}

function attribute(name: string, type: readonly number[], space: readonly number[], data: readonly number[]): number[] {
  const text = [...encoder.encode(name), 0];
  return [
    message.attribute,
    3,
    0,
    ...u16(text.length),
    ...u16(type.length),
    ...u16(space.length),
    1,
    ...text,
    ...type,
    ...space,
    ...data,
  ];
}

/** A text of any length, in a heap of its own. */
function textAttribute(file: Pieces, name: string, value: string): number[] {
  const text = encoder.encode(value);
  const padded = Math.ceil(text.length / 8) * 8;
  // The heap's header, the text with its own, and the space left over, which has a header too.
  const size = Math.max(4096, 16 + 16 + padded + 16);
  const heap = new Uint8Array(size);
  heap.set([0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0, ...u64(size), ...u16(1), ...u16(1), ...u32(0), ...u64(text.length)]);
  heap.set(text, 32);
  heap.set(u64(size - 32 - padded), 32 + padded + 8);
  const address = file.add(heap);
  return attribute(name, textType, scalar, [...u32(text.length), ...u64(address), ...u32(1)]);
}

/** Texts of equal size, padded with zeros, as Keras writes its lists of names. */
function listAttribute(name: string, list: readonly string[]): number[] {
  const texts = list.map((text) => encoder.encode(text));
  const size = texts.reduce((largest, { length }) => Math.max(largest, length), 1);
  const data = texts.flatMap((text) => [...text, ...new Array<number>(size - text.length).fill(0)]);
  return attribute(name, fixedTextType(size), dataspace([list.length]), data);
}
