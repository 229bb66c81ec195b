/**
 * Sums of products of whole numbers by the matrix product of a TF.js backend: float32 adds whole numbers below 2^24 exactly, in whatever
 * order. Kernels whose sums may grow larger, and backends that are not on the processor, are left to plain JavaScript.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Multiply, multiplyPlainly } from '../integer/products.ts';

/** Codes less a zero point reach no further. */
const largestFactor = 255;
const exact = 2 ** 24;
const onProcessor: ReadonlySet<string> = new Set(['wasm', 'simd', 'simd-plain']);

interface Known {
  readonly floats: Float32Array;
  /** Whether no sum with this kernel leaves what float32 counts exactly. */
  readonly fits: boolean;
}

const kernels = new WeakMap<Int8Array, Known>();

function known(kernel: Int8Array, depth: number): Known {
  const before = kernels.get(kernel);
  if (before !== undefined) return before;
  let largest = 0;
  for (let start = 0; start < kernel.length; start += depth) {
    let sum = 0;
    for (let k = start; k < start + depth; k++) sum += Math.abs(kernel[k] as number);
    largest = Math.max(largest, sum);
  }
  const made = { floats: new Float32Array(kernel), fits: largest * largestFactor < exact };
  kernels.set(kernel, made);
  return made;
}

export const multiplyOnBackend: Multiply = (factors) => {
  const { rows, kernel, depth } = factors;
  const { floats, fits } = known(kernel, depth);
  if (!fits || !onProcessor.has(tf.getBackend())) return multiplyPlainly(factors);
  // Not in a tidy, which would look for tensors among the numbers.
  const left = tf.tensor2d(new Float32Array(rows), [rows.length / depth, depth]);
  const right = tf.tensor2d(floats, [kernel.length / depth, depth]);
  const product = tf.matMul(left, right, false, true);
  const sums = product.dataSync<'float32'>().slice();
  tf.dispose([left, right, product]);
  return sums;
};
