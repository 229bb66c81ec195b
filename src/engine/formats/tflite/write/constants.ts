/** Constants of a Graph as tensors of the file, as floats, halves or integers. */
import { halfBits } from '../../../math/half.ts';
import { bytesOf, type FileTensor } from './file-graph.ts';
import type { IndexTensor, KernelTensor, StateTensor, VectorTensor } from './graph.ts';
import type { SignedCodes } from './signed-codes.ts';

export function floats(tensor: KernelTensor | VectorTensor): FileTensor {
  const { name, shape, values } = whole(tensor);
  return { name, shape, type: 'FLOAT32', data: bytesOf(values) };
}

export function halves(tensor: KernelTensor | VectorTensor): FileTensor {
  const { name, shape, values } = whole(tensor);
  return { name, shape, type: 'FLOAT16', data: bytesOf(Uint16Array.from(values, halfBits)) };
}

export function state({ name, shape }: StateTensor): FileTensor {
  return { name, shape, type: 'FLOAT32', isVariable: true };
}

/** With the input that it has besides the stored ones. */
function whole<T extends KernelTensor | VectorTensor>(tensor: T): T {
  if (tensor.kind === 'vector' || tensor.oneMore === undefined) return tensor;
  const [units = 1, inputs = 1] = tensor.shape;
  return { ...tensor, shape: [units, inputs + 1], values: withColumn(tensor.values, units, tensor.oneMore) };
}

/** [units, inputs] with one more column, the same number everywhere. */
function withColumn<A extends Float32Array | Int8Array>(values: A, units: number, more: number): A {
  const inputs = values.length / units;
  const wide = (
    values instanceof Float32Array ? new Float32Array(values.length + units) : new Int8Array(values.length + units)
  ) as A;
  for (let unit = 0; unit < units; unit++) {
    wide.set(values.subarray(unit * inputs, (unit + 1) * inputs), unit * (inputs + 1));
    wide[(unit + 1) * (inputs + 1) - 1] = more;
  }
  return wide;
}

export function indices({ name, shape, values }: IndexTensor): FileTensor {
  return { name, shape, type: 'INT32', data: bytesOf(values) };
}

export interface Storage {
  /** A scale for each output channel, even where all are the same. */
  readonly each: boolean;
  /** Two codes to a byte, where they and the operator allow it. */
  readonly int4: boolean;
}

/** A kernel's codes with their scales. */
export function integers(kernel: KernelTensor, { codes: own, scale }: SignedCodes, { each, int4 }: Storage): FileTensor {
  const { axis, oneMore } = kernel;
  const { name, shape } = whole(kernel);
  const [units = 1] = shape;
  const codes = oneMore === undefined ? own : withColumn(own, units, Math.round(oneMore / (scale[0] as number)));
  const channels = shape[axis] ?? 1;
  const scales = each && scale.length === 1 ? new Array<number>(channels).fill(scale[0] as number) : [...scale];
  const grid = { scale: scales, zeroPoint: scales.map(() => 0), axis: scales.length > 1 ? axis : 0 };
  if (int4 && fitsNibbles(kernel, codes)) return { name, shape, type: 'INT4', data: nibbles(codes), grid };
  return { name, shape, type: 'INT8', data: bytesOf(codes), grid };
}

/** Whether two codes may share a byte: convolutions and dense layers take such kernels, depthwise convolutions do not. */
export function fitsNibbles({ axis }: KernelTensor, codes: Int8Array): boolean {
  return axis === 0 && codes.every((code) => code >= -8 && code <= 7);
}

/** The first code in the lower half of each byte. */
function nibbles(codes: Int8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(codes.length / 2));
  for (let i = 0; i < codes.length; i++) {
    const half = (codes[i] as number) & 15;
    bytes[i >> 1] = (bytes[i >> 1] as number) | ((i & 1) === 0 ? half : half << 4);
  }
  return bytes;
}
