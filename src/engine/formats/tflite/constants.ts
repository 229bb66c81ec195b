/**
 * Constants of a .tflite file as weights. Integer weights keep their codes: q stands for scale · (q − zero point), which is the studio's
 * affine encoding with code = q + shift and min = −(shift + zero point) · scale; the shift makes codes count from 0, or from 0 … 2^bits − 2
 * where the least code is not used, as TFLite's symmetric weights have it.
 */
import { halfValue } from '../../math/half.ts';
import { type AffineEncoding, decode, float32 } from '../../model/encoding.ts';
import { elementCount, type Weight } from '../../model/model.ts';
import { problems } from '../problems.ts';
import type { TfliteTensor } from './parse.ts';

/** Bits of an element. */
const widths: Readonly<Record<string, number>> = {
  FLOAT32: 32,
  FLOAT16: 16,
  BFLOAT16: 16,
  INT32: 32,
  INT64: 64,
  INT16: 16,
  INT8: 8,
  UINT8: 8,
  INT4: 4,
};

const codeBits: Readonly<Record<string, 4 | 8 | 16>> = { INT4: 4, INT8: 8, UINT8: 8, INT16: 16 };

/** The bytes of a constant, exactly as many as its shape and type ask for. */
function bytesOf(tensor: TfliteTensor, path: string): DataView {
  const { data, shape, type, name } = tensor;
  const width = widths[type];
  if (width === undefined) throw problems.weightType(name, type);
  const need = Math.ceil((elementCount(shape) * width) / 8);
  if (data === null || shape.some((size) => size < 0) || data.length !== need) {
    throw problems.damaged(path, `the tensor "${name}" (${type} [${shape.join(', ')}]) has ${data?.length ?? 0} bytes`);
  }
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

/** The whole numbers of a small constant such as a shape. */
export function integersOf(tensor: TfliteTensor, path: string): number[] {
  if (tensor.type !== 'INT32' && tensor.type !== 'INT64') throw problems.weightType(tensor.name, tensor.type);
  const view = bytesOf(tensor, path);
  const count = elementCount(tensor.shape);
  return Array.from({ length: count }, (_, i) =>
    tensor.type === 'INT32' ? view.getInt32(4 * i, true) : Number(view.getBigInt64(8 * i, true)),
  );
}

/** A constant as a weight in the layout of the file. Throws FORMAT_WEIGHT_DTYPE for types that are no weights. */
export function weightOf(tensor: TfliteTensor, path: string): Weight {
  const { shape, type, quantization, name } = tensor;
  const view = bytesOf(tensor, path);
  const count = elementCount(shape);
  const numbers = (at: (i: number) => number): Float32Array => Float32Array.from({ length: count }, (_, i) => at(i));
  if (type === 'FLOAT32') return { shape, values: numbers((i) => view.getFloat32(4 * i, true)), encoding: float32 };
  if (type === 'FLOAT16') {
    return { shape, values: numbers((i) => halfValue(view.getUint16(2 * i, true))), encoding: { kind: 'float16' } };
  }
  if (type === 'BFLOAT16') return { shape, values: widened(view, count), encoding: float32 };
  if (quantization === null) throw problems.weightType(name, `${type} without a scale`);
  const { scale, zeroPoint } = quantization;
  const axis = scale.length === 1 ? null : quantization.axis;
  if (axis !== null && shape[axis] !== scale.length) {
    throw problems.damaged(path, `"${name}" has ${scale.length} scales along axis ${axis} of [${shape.join(', ')}]`);
  }
  const bits = codeBits[type];
  if (bits !== undefined) return coded(tensor, view, bits, axis);
  // Biases: products of two 8-bit grids, too fine for codes.
  const stride = axis === null ? count : elementCount(shape.slice(axis + 1));
  const integer = (i: number): number => (type === 'INT32' ? view.getInt32(4 * i, true) : Number(view.getBigInt64(8 * i, true)));
  const values = numbers((i) => {
    const channel = Math.floor(i / stride) % scale.length;
    return (integer(i) - (zeroPoint[channel] as number)) * (scale[channel] as number);
  });
  return { shape, values, encoding: float32 };
}

function widened(view: DataView, count: number): Float32Array {
  const bits = Uint32Array.from({ length: count }, (_, i) => view.getUint16(2 * i, true) * 2 ** 16);
  return new Float32Array(bits.buffer);
}

function coded({ shape, type, quantization }: TfliteTensor, view: DataView, bits: 4 | 8 | 16, axis: number | null): Weight {
  const { scale = [], zeroPoint = [] } = quantization ?? {};
  const count = elementCount(shape);
  const at = (i: number): number => {
    if (type === 'UINT8') return view.getUint8(i);
    if (type === 'INT8') return view.getInt8(i);
    if (type === 'INT16') return view.getInt16(2 * i, true);
    const pair = view.getUint8(i >> 1);
    // The lower half comes first; shifting up and down again brings the sign along.
    return ((i & 1) === 0 ? pair << 28 : pair << 24) >> 28;
  };
  let least = 0;
  for (let i = 0; i < count; i++) least = Math.min(least, at(i));
  const symmetric = type !== 'UINT8' && zeroPoint.every((point) => point === 0);
  const half = 2 ** (bits - 1);
  const shift = type === 'UINT8' ? 0 : symmetric && least > -half ? half - 1 : half;
  const codes = bits === 16 ? new Uint16Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) codes[i] = at(i) + shift;
  const encoding: AffineEncoding = {
    kind: 'affine',
    bits,
    symmetric,
    axis,
    scale: Float64Array.from(scale),
    min: Float64Array.from(scale, (step, channel) => -(shift + (zeroPoint[channel] ?? 0)) * step),
    codes,
  };
  return { shape, values: decode(encoding, shape), encoding };
}

/** The weight with its axes in another order: axis i of the result is axis `order[i]` of the weight. */
export function permuted(weight: Weight, order: readonly number[]): Weight {
  const { shape, values, encoding } = weight;
  const size = (axis: number): number => shape[axis] ?? 1;
  const stride = (axis: number): number => elementCount(shape.slice(axis + 1));
  const target = order.map(size);
  // Where each element of the result stands in the weight.
  let from = new Uint32Array(1);
  for (const axis of order) {
    const next = new Uint32Array(from.length * size(axis));
    for (let i = 0; i < next.length; i++)
      next[i] = (from[Math.floor(i / size(axis))] as number) + (i % size(axis)) * stride(axis);
    from = next;
  }
  const moved = values.map((_, i) => values[from[i] as number] as number);
  if (encoding.kind !== 'affine') return { shape: target, values: moved, encoding };
  const { codes } = encoding;
  const axis = encoding.axis === null ? null : order.indexOf(encoding.axis);
  return {
    shape: target,
    values: moved,
    encoding: { ...encoding, axis, codes: codes.map((_, i) => codes[from[i] as number] as number) },
  };
}
