/**
 * NumPy's .npy (format versions 1–3): a header in Python's literal syntax, then the raw array in C or Fortran order and either
 * byte order. Numbers only: text, structured and pickled (object) arrays are refused by the name of their type.
 */

import { halfValue } from '../math/half.ts';
import { elementCount } from '../model/model.ts';
import type { NumberArray } from './array-dataset.ts';
import { dataError } from './data-error.ts';

export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: NumberArray;
  readonly integers: boolean;
}

interface ElementType {
  readonly bytes: number;
  readonly integers: boolean;
  readonly make: (length: number) => NumberArray;
  readonly get: (view: DataView, at: number, little: boolean) => number;
}

/** Element types by NumPy's kind and size; 8-byte integers become doubles, exact to 2^53. */
const elementTypes: Readonly<Record<string, ElementType>> = {
  b1: { bytes: 1, integers: true, make: (n) => new Uint8Array(n), get: (view, at) => view.getUint8(at) },
  u1: { bytes: 1, integers: true, make: (n) => new Uint8Array(n), get: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, integers: true, make: (n) => new Int8Array(n), get: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, integers: true, make: (n) => new Uint16Array(n), get: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, integers: true, make: (n) => new Int16Array(n), get: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, integers: true, make: (n) => new Uint32Array(n), get: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, integers: true, make: (n) => new Int32Array(n), get: (view, at, little) => view.getInt32(at, little) },
  u8: {
    bytes: 8,
    integers: true,
    make: (n) => new Float64Array(n),
    get: (view, at, little) => Number(view.getBigUint64(at, little)),
  },
  i8: {
    bytes: 8,
    integers: true,
    make: (n) => new Float64Array(n),
    get: (view, at, little) => Number(view.getBigInt64(at, little)),
  },
  f2: {
    bytes: 2,
    integers: false,
    make: (n) => new Float32Array(n),
    get: (view, at, little) => halfValue(view.getUint16(at, little)),
  },
  f4: { bytes: 4, integers: false, make: (n) => new Float32Array(n), get: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, integers: false, make: (n) => new Float64Array(n), get: (view, at, little) => view.getFloat64(at, little) },
};

/** True for bytes that begin as .npy does. */
export function isNpy(bytes: Uint8Array): boolean {
  return bytes[0] === 0x93 && String.fromCharCode(...bytes.subarray(1, 6)) === 'NUMPY';
}

/** The array in a .npy file. Throws DATA_NPY where it is damaged, DATA_DTYPE where it holds no plain numbers. */
export function readNpy(bytes: Uint8Array, name: string): NamedArray {
  const damaged = (detail: string): Error =>
    dataError('DATA_NPY', `The NumPy array "${name}" can not be read.`, detail, 'Save it again with numpy.save or numpy.savez.', {
      array: name,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isNpy(bytes) || bytes.length < 12) throw damaged('It does not begin as a .npy file does.');
  const wide = view.getUint8(6) > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw damaged(`Its header of ${end - start} bytes is cut off.`);
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr'\s*:\s*('[^']*'|\[.*?\]\s*,)/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const dimensions = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || dimensions === undefined)
    throw damaged('Its header names no type, order or shape.');
  const shape = (dimensions.match(/\d+/g) ?? []).map(Number);
  const type = elementTypes[descr.slice(2, -1)];
  if (!type) throw unknownType(name, descr);
  const count = elementCount(shape);
  if (count * type.bytes !== bytes.length - end) {
    throw damaged(
      `Shape (${shape.join(', ')}) of ${descr} needs ${count * type.bytes} bytes; ${bytes.length - end} follow the header.`,
    );
  }
  const values = type.make(count);
  for (let index = 0; index < count; index++) values[index] = type.get(view, end + index * type.bytes, descr[1] !== '>');
  return { name, shape, values: order === 'True' ? toRowMajor(values, shape) : values, integers: type.integers };
}

function unknownType(name: string, descr: string): Error {
  const pickled = descr.includes('O');
  return dataError(
    'DATA_DTYPE',
    `The NumPy array "${name}" does not hold plain numbers.`,
    pickled ? 'It is an object array, stored as a Python pickle, which is never run here.' : `Its type is ${descr}.`,
    'Convert it with .astype("float32") (labels: to class numbers with .astype("int64")) and save it again.',
    { array: name, dtype: descr },
  );
}

/** Values of an array whose first index runs fastest, in the order of one whose last does. */
export function toRowMajor<T extends NumberArray>(values: T, shape: readonly number[]): T {
  const result = values.slice() as T;
  const index = shape.map(() => 0);
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  let from = 0;
  for (let to = 0; to < values.length; to++) {
    result[to] = values[from] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      index[axis] = next;
      if (next < (shape[axis] ?? 0)) break;
      from -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return result;
}
