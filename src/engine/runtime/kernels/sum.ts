/**
 * Sum over the leading axes (of a batch, per channel), accumulated in double precision. The backend's own kernel moves the summed
 * axes to the end first, which costs several times the sum.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, type Heap, view } from './heap.ts';

export interface SumAttrs {
  readonly axis: number | readonly number[] | null;
  readonly keepDims: boolean;
}

/** Whether a float tensor is to be summed over its first axes, and not all of them. */
export function sumsLeadingAxes(x: tf.TensorInfo, { axis }: SumAttrs): boolean {
  const axes = tf.util.parseAxisParam(axis as number[], x.shape).sort((a, b) => a - b);
  return x.dtype === 'float32' && axes.length > 0 && axes.length < x.shape.length && axes.every((at, i) => at === i);
}

/** The sum over the axes given, which are the first. */
export function sumOfLeadingAxes(heap: Heap, x: tf.TensorInfo, { axis, keepDims }: SumAttrs): tf.TensorInfo {
  const leading = tf.util.parseAxisParam(axis as number[], x.shape).length;
  const rest = x.shape.slice(leading);
  const out = allocate(heap, keepDims ? [...x.shape.slice(0, leading).fill(1), ...rest] : rest);
  sumColumns(view(heap, x), view(heap, out));
  return out;
}

/** Sums of the columns of a row-major matrix with as many columns as `sums`; four at a time, so that they stay in registers. */
export function sumColumns(values: Float32Array, sums: Float32Array): void {
  const width = sums.length;
  let column = 0;
  for (; column + 4 <= width; column += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = column; i < values.length; i += width) {
      a += values[i] as number;
      b += values[i + 1] as number;
      c += values[i + 2] as number;
      d += values[i + 3] as number;
    }
    sums[column] = a;
    sums[column + 1] = b;
    sums[column + 2] = c;
    sums[column + 3] = d;
  }
  for (; column < width; column++) {
    let sum = 0;
    for (let i = column; i < values.length; i += width) sum += values[i] as number;
    sums[column] = sum;
  }
}
