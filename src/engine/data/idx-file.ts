/**
 * The IDX format of the MNIST files (LeCun, "The MNIST database"): two zero bytes, an element type, the number of axes, the sizes as
 * big-endian uint32, then row-major big-endian values. The header is checked against the file's length before anything is allocated.
 */
import type { NumberArray } from './array-dataset.ts';
import { dataError } from './data-error.ts';

export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: NumberArray;
  readonly integers: boolean;
}

const bytesOfType: Readonly<Record<number, number>> = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 };

/** True for bytes that begin as IDX does. */
export function isIdx(bytes: Uint8Array): boolean {
  const axes = bytes[3] ?? 0;
  return bytes[0] === 0 && bytes[1] === 0 && (bytes[2] ?? 0) in bytesOfType && axes >= 1 && axes <= 8;
}

/** The array in an IDX file. Throws DATA_IDX where the header and the length disagree. */
export function readIdx(bytes: Uint8Array, name: string): IdxArray {
  const damaged = (detail: string): Error =>
    dataError('DATA_IDX', `The IDX file "${name}" can not be read.`, detail, 'Download it again; it was probably cut off.', {
      file: name,
      bytes: bytes.length,
    });
  if (!isIdx(bytes)) throw damaged('It does not begin as an IDX file does.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const axes = view.getUint8(3);
  const start = 4 + 4 * axes;
  if (bytes.length < start) throw damaged('Its header is cut off.');
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const type = view.getUint8(2);
  const width = bytesOfType[type] ?? 1;
  const needed = shape.reduce((product, size) => product * size, width);
  if (needed !== bytes.length - start) {
    throw damaged(`Its header says ${shape.join(' × ')} values, ${needed} bytes; ${bytes.length - start} bytes follow.`);
  }
  return { shape, values: readValues(view, type, start, needed / width), integers: type < 13 };
}

function readValues(view: DataView, type: number, start: number, count: number): NumberArray {
  const fill = <A extends NumberArray>(values: A, get: (at: number) => number, width: number): A => {
    for (let index = 0; index < count; index++) values[index] = get(start + index * width);
    return values;
  };
  if (type === 9) return fill(new Int8Array(count), (at) => view.getInt8(at), 1);
  if (type === 11) return fill(new Int16Array(count), (at) => view.getInt16(at), 2);
  if (type === 12) return fill(new Int32Array(count), (at) => view.getInt32(at), 4);
  if (type === 13) return fill(new Float32Array(count), (at) => view.getFloat32(at), 4);
  if (type === 14) return fill(new Float64Array(count), (at) => view.getFloat64(at), 8);
  return fill(new Uint8Array(count), (at) => view.getUint8(at), 1);
}
