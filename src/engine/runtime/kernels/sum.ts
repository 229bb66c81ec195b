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
  const sums = new Float64Array(tf.util.sizeFromShape(rest));
  const values = view(heap, x);
  for (let start = 0; start < values.length; start += sums.length) {
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (values[start + i] as number);
  }
  view(heap, out).set(sums);
  return out;
}
