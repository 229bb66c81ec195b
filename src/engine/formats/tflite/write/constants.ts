/** Constants of a Graph as tensors of the file, as floats, halves or integers. */
import { halfBits } from '../../../math/half.ts';
import { bytesOf, type FileTensor } from './file-graph.ts';
import type { IndexTensor, KernelTensor, VectorTensor } from './graph.ts';
import type { SignedCodes } from './signed-codes.ts';

export function floats({ name, shape, values }: KernelTensor | VectorTensor): FileTensor {
  return { name, shape, type: 'FLOAT32', data: bytesOf(values) };
}

export function halves({ name, shape, values }: KernelTensor | VectorTensor): FileTensor {
  return { name, shape, type: 'FLOAT16', data: bytesOf(Uint16Array.from(values, halfBits)) };
}

export function indices({ name, shape, values }: IndexTensor): FileTensor {
  return { name, shape, type: 'INT32', data: bytesOf(values) };
}

/** A kernel's codes with a scale for each output channel, or one for all where it has only one and `each` is false. */
export function integers({ name, shape, axis }: KernelTensor, { codes, scale }: SignedCodes, each: boolean): FileTensor {
  const channels = shape[axis] ?? 1;
  const scales = each && scale.length === 1 ? new Array<number>(channels).fill(scale[0] as number) : [...scale];
  const grid = { scale: scales, zeroPoint: scales.map(() => 0), axis: scales.length > 1 ? axis : 0 };
  return { name, shape, type: 'INT8', data: bytesOf(codes), grid };
}
