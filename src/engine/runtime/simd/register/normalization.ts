/**
 * Batch normalization over the last axis: TF.js' `FusedBatchNorm`, and two kernels of our own that training takes: `NormalizeBatch` (x, gamma,
 * beta to y, mean and biased variance) and `NormalizeBatchGradient` (x, dy, mean, variance, gamma and y to dx, dGamma, dBeta), both with a clamp
 * behind where one is given.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Clamp } from '../kernels/kernel.ts';
import {
  momentParts,
  moments,
  normalize,
  normalizeGradient,
  normalizeGradientParts,
  rowParts,
} from '../kernels/normalization.ts';
import { sumParts } from '../kernels/sums.ts';
import { define, isFloat, sizeOf } from './define.ts';

interface ClampedAttrs {
  readonly epsilon: number;
  readonly clamp: Clamp;
}

type Stats = 'x' | 'mean' | 'variance' | 'offset' | 'scale';

const matrixOf = (x: tf.TensorInfo) => {
  const channels = x.shape.at(-1) ?? 1;
  return { rows: sizeOf(x) / channels, channels };
};

export function registerNormalization(): void {
  define<Stats, { readonly varianceEpsilon: number }>('FusedBatchNorm', ({ backend, inputs, attrs }) => {
    const { x, mean, variance, offset, scale } = inputs as Partial<typeof inputs> & Pick<typeof inputs, 'x'>;
    const matrix = matrixOf(x);
    const stats = [mean, variance, offset, scale].filter((tensor) => tensor !== undefined);
    const fits = stats.every((tensor) => sizeOf(tensor) === matrix.channels && tensor.shape.at(-1) === matrix.channels);
    if (!fits || !isFloat(x) || sizeOf(x) === 0 || mean === undefined || variance === undefined) return undefined;
    const y = backend.allocate(x.shape);
    const args = {
      ...matrix,
      x: backend.addressOf(x),
      y: backend.addressOf(y),
      mean: backend.addressOf(mean),
      variance: backend.addressOf(variance),
      gamma: scale === undefined ? 0 : backend.addressOf(scale),
      beta: offset === undefined ? 0 : backend.addressOf(offset),
      epsilon: attrs.varianceEpsilon,
    };
    backend.machine.run(normalize, args, sizeOf(x));
    return y;
  });
  define<'x' | 'gamma' | 'beta', ClampedAttrs>('NormalizeBatch', ({ backend, inputs, attrs }) => {
    const { x } = inputs;
    const matrix = matrixOf(x);
    const [mean, variance] = [backend.allocate([matrix.channels]), backend.allocate([matrix.channels])];
    const y = backend.allocate(x.shape);
    const own = { x: backend.addressOf(x), mean: backend.addressOf(mean), variance: backend.addressOf(variance) };
    backend.machine.borrow(8 * matrix.channels * rowParts(matrix), (parts) => {
      backend.machine.run(momentParts, { ...matrix, ...own, parts }, sizeOf(x));
      backend.machine.run(moments, { ...matrix, ...own, parts }, matrix.channels * rowParts(matrix));
    });
    const weights = { gamma: backend.addressOf(inputs.gamma), beta: backend.addressOf(inputs.beta) };
    backend.machine.run(normalize, { ...matrix, ...own, ...weights, y: backend.addressOf(y), ...attrs }, sizeOf(x));
    return [y, mean, variance];
  });
  define<'x' | 'dy' | 'mean' | 'variance' | 'gamma' | 'y', ClampedAttrs>(
    'NormalizeBatchGradient',
    ({ backend, inputs, attrs }) => {
      const { x, dy, mean, variance, gamma, y } = inputs;
      const matrix = matrixOf(x);
      const [dx, dGamma, dBeta] = [backend.allocate(x.shape), ...[0, 1].map(() => backend.allocate([matrix.channels]))] as [
        tf.TensorInfo,
        tf.TensorInfo,
        tf.TensorInfo,
      ];
      const count = rowParts(matrix);
      const size = 2 * matrix.channels;
      backend.machine.borrow(4 * size * (count + 1), (parts) => {
        const sums = parts + 4 * size * count;
        const args = {
          ...{ ...matrix, ...attrs, parts, sums },
          ...{ x: backend.addressOf(x), dy: backend.addressOf(dy), dx: backend.addressOf(dx) },
          ...{ mean: backend.addressOf(mean), variance: backend.addressOf(variance), gamma: backend.addressOf(gamma) },
          ...(attrs.clamp === 'linear' ? {} : { y: backend.addressOf(y) }),
          ...{ dGamma: backend.addressOf(dGamma), dBeta: backend.addressOf(dBeta) },
        };
        backend.machine.run(normalizeGradientParts, args, 2 * sizeOf(x));
        backend.machine.run(sumParts, { from: parts, to: sums, parts: count, size }, size * count);
        backend.machine.run(normalizeGradient, args, 2 * sizeOf(x));
      });
      return [dx, dGamma, dBeta];
    },
  );
}
