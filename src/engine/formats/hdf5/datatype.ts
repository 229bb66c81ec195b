/**
 * Datatypes and dataspaces (HDF5 File Format Specification 3.0, IV.A.2.b and d): the numbers and texts that Keras files use.
 * Anything else (compound, opaque such as bfloat16, references) is kept as `other`, so that only reading its values is refused.
 */
import { halfValue } from '../../math/half.ts';
import { type Cursor, damaged, type Hdf5File } from './cursor.ts';

export type Datatype =
  | {
      readonly kind: 'float' | 'signed' | 'unsigned';
      readonly size: number;
      readonly littleEndian: boolean;
    }
  | { readonly kind: 'text'; readonly size: number }
  | { readonly kind: 'texts'; readonly size: number }
  | { readonly kind: 'other'; readonly size: number; readonly name: string };

const classNames = ['integer', 'float', 'time', 'string', 'bitfield', 'opaque', 'compound', 'reference', 'enum', 'vlen', 'array'];

/** Reads a datatype message. */
export function readDatatype(cursor: Cursor): Datatype {
  const head = cursor.u8();
  const flags = cursor.u8();
  cursor.skip(2);
  const size = cursor.u32();
  const kind = head & 0x0f;
  const littleEndian = (flags & 1) === 0;
  switch (kind) {
    case 0:
      return { kind: flags & 8 ? 'signed' : 'unsigned', size, littleEndian };
    case 1:
      return ieee(cursor, size) ? { kind: 'float', size, littleEndian } : { kind: 'other', size, name: 'a non-standard float' };
    case 3:
      return { kind: 'text', size };
    case 8:
      return readDatatype(cursor);
    case 9:
      return (flags & 0x0f) === 1 ? { kind: 'texts', size } : { kind: 'other', size, name: 'lists of varying length' };
    default:
      return { kind: 'other', size, name: classNames[kind] ?? `type ${kind}` };
  }
}

/** True where exponent and mantissa are those of IEEE half, single or double precision (bfloat16 has the size of half). */
function ieee(cursor: Cursor, size: number): boolean {
  cursor.skip(4);
  cursor.skip(1);
  const exponentBits = cursor.u8();
  cursor.skip(1);
  const mantissaBits = cursor.u8();
  return (
    (size === 2 && exponentBits === 5 && mantissaBits === 10) ||
    (size === 4 && exponentBits === 8 && mantissaBits === 23) ||
    (size === 8 && exponentBits === 11 && mantissaBits === 52)
  );
}

/** Reads a dataspace message: dimensions, none for a scalar, null where nothing is stored. */
export function readDataspace(file: Hdf5File, cursor: Cursor): readonly number[] | null {
  const version = cursor.u8();
  const rank = cursor.u8();
  const flags = cursor.u8();
  if (version === 1) cursor.skip(5);
  else if (version === 2) {
    if (cursor.u8() === 2) return null;
  } else throw damaged(file, `a dataspace has the unknown version ${version}`);
  if (rank > 32) throw damaged(file, `a tensor has ${rank} dimensions`);
  void flags;
  return Array.from({ length: rank }, () => cursor.length());
}

/** Elements of a dataspace; Infinity-safe, since sizes come from the file. */
export function countElements(shape: readonly number[] | null): number {
  return shape === null ? 0 : shape.reduce((count, size) => count * size, 1);
}

/** Numbers of a datatype as float64-exact JS numbers, or a typed array for float32. */
export function readNumbers(bytes: Uint8Array<ArrayBuffer>, type: Datatype, count: number): Float32Array | Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type.kind === 'float' && type.size === 4 && type.littleEndian) {
    const values = new Float32Array(count);
    new Uint8Array(values.buffer).set(bytes.subarray(0, 4 * count));
    return values;
  }
  const read = numberReader(view, type);
  const values = type.kind === 'float' && type.size <= 4 ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(i * type.size);
  return values;
}

function numberReader(view: DataView, type: Datatype): (at: number) => number {
  if (type.kind === 'float') {
    const little = type.littleEndian;
    if (type.size === 2) return (at) => halfValue(view.getUint16(at, little));
    return type.size === 4 ? (at) => view.getFloat32(at, little) : (at) => view.getFloat64(at, little);
  }
  const little = 'littleEndian' in type ? type.littleEndian : true;
  const signed = type.kind === 'signed';
  switch (type.size) {
    case 1:
      return signed ? (at) => view.getInt8(at) : (at) => view.getUint8(at);
    case 2:
      return signed ? (at) => view.getInt16(at, little) : (at) => view.getUint16(at, little);
    case 4:
      return signed ? (at) => view.getInt32(at, little) : (at) => view.getUint32(at, little);
    default:
      return signed ? (at) => Number(view.getBigInt64(at, little)) : (at) => Number(view.getBigUint64(at, little));
  }
}
