/** Matrix products: `BatchMatMul` and `_FusedMatMul`, batches of equal size or of one. */
import * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';
import { fewestRows, fewRows, gemm } from '../kernels/gemm.ts';
import { activate, clampOf, type FusedAttrs } from './activation.ts';
import { define, isFloat, sizeOf } from './define.ts';

interface ProductAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** a · b with the clamp of an activation, or undefined where the batches of the two differ in more than size one. */
function product(
  backend: SimdBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA, transposeB, activation }: ProductAttrs & FusedAttrs,
  bias?: tf.TensorInfo,
): tf.TensorInfo | undefined {
  const [rank, rankB] = [a.shape.length, b.shape.length];
  const [m = 1, k = 1] = transposeA ? [a.shape[rank - 1], a.shape[rank - 2]] : a.shape.slice(-2);
  const [inner, n = 1] = transposeB ? [b.shape[rankB - 1], b.shape[rankB - 2]] : b.shape.slice(-2);
  const [outerA, outerB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [batchesA, batchesB] = [tf.util.sizeFromShape(outerA), tf.util.sizeFromShape(outerB)];
  const alike = batchesA === 1 || batchesB === 1 || tf.util.arraysEqual(outerA, outerB);
  const broad = bias !== undefined && (sizeOf(bias) !== n || bias.shape.at(-1) !== n);
  if (!alike || broad || inner !== k || !isFloat(a) || !isFloat(b)) return undefined;
  const batches = Math.max(batchesA, batchesB);
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(outerA, outerB);
  const c = backend.allocate([...outer, m, n]);
  const [at, bt, ct] = [a, b, c].map((tensor) => backend.addressOf(tensor)) as [number, number, number];
  const between = {
    batchA: batchesA === 1 ? 0 : m * k,
    batchB: batchesB === 1 ? 0 : k * n,
    batchC: m * n,
  };
  // Several matrices against one are one taller matrix.
  const joined = batchesB === 1 && !transposeA && batchesA > 1;
  const sizes = joined ? { m: batches * m, n, k } : { m, n, k, batches, ...between };
  const args = {
    ...{ a: at, b: bt, c: ct, bias: bias === undefined ? 0 : backend.addressOf(bias), ...sizes, transposeA, transposeB },
    clamp: clampOf(activation) ?? 'linear',
  };
  const few = sizes.m < fewestRows && !transposeA && !transposeB && (joined || batches === 1);
  if (few) backend.machine.run(fewRows, args, sizes.m * n * k);
  else backend.machine.run(gemm, args, batches * m * n * k);
  return c;
}

export function registerProducts(): void {
  define<'a' | 'b', ProductAttrs>('BatchMatMul', ({ backend, inputs: { a, b }, attrs }) => product(backend, a, b, attrs));
  define<'a' | 'b' | 'bias' | 'preluActivationWeights', ProductAttrs & FusedAttrs>(
    '_FusedMatMul',
    ({ backend, inputs, attrs }) => {
      const { a, b, bias } = inputs;
      const c = product(backend, a, b, attrs, bias as tf.TensorInfo | undefined);
      return c && activate(backend, c, attrs, inputs.preluActivationWeights);
    },
  );
}
