/**
 * BatchNormalization (Ioffe & Szegedy 2015): y = γ (x − μ) / √(σ² + ε) + β along one axis. μ and σ² are the moving averages, or
 * while training the batch's mean and biased variance; updating the averages is the training loop's business.
 * Its products are not counted as multiply-accumulates: they fold into the layer before.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Weight } from '../model.ts';
import type { PreparedTensor, WeightSlot } from '../op.ts';
import { passed } from './channel-flow.ts';
import { readFields } from './config.ts';
import { axisOf, defineOp, knownSize, single, tensorOf } from './define.ts';

export type BatchNormalizationAttrs = {
  /** Counts the batch; −1 is the last. */
  readonly axis: number;
  readonly epsilon: number;
  readonly momentum: number;
  readonly center: boolean;
  readonly scale: boolean;
};

const noRenorm = 'It normalizes by statistics that are not the moving averages.';
const useStandard = 'Rebuild the model in Keras with a plain BatchNormalization, copy the weights over and save it again.';

/** Beyond this, x · factor and shift cancel each other to fewer digits than (x − mean) · factor keeps. */
const largestCancellation = 32;

/**
 * y = factor · x + shift, as a depthwise 1×1 filter and its bias: on TF.js WASM 10 to 40 times faster than the kernel of batch
 * normalization. Undefined where a channel's mean is so many deviations from zero that the sum would lose digits.
 */
function prepare(
  attrs: BatchNormalizationAttrs,
  weights: Readonly<Record<string, Weight>>,
): Record<string, PreparedTensor> | undefined {
  const { gamma, beta, moving_mean: means, moving_variance: variances } = weights;
  if (means === undefined || variances === undefined) return undefined;
  const channels = means.values.length;
  const factor = new Float32Array(channels);
  const shift = new Float32Array(channels);
  for (const [channel, mean] of means.values.entries()) {
    const scale = gamma?.values[channel] ?? 1;
    const offset = beta?.values[channel] ?? 0;
    const exact = scale / Math.sqrt((variances.values[channel] ?? 0) + attrs.epsilon);
    // Written so that a value that is not finite takes the plain way, too.
    if (!(Math.abs(mean * exact) <= largestCancellation * (Math.abs(scale) + Math.abs(offset)))) return undefined;
    factor[channel] = exact;
    shift[channel] = offset - mean * exact;
  }
  return { factor: { shape: [1, 1, channels, 1], values: factor }, shift: { shape: [channels], values: shift } };
}

function scaleAndShift(x: tf.Tensor, factor: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const channels = shift.size;
  const y = tf.fused.depthwiseConv2d({
    x: (x.rank === 4 ? x : tf.reshape(x, [1, x.size / channels, 1, channels])) as tf.Tensor4D,
    filter: factor as tf.Tensor4D,
    strides: 1,
    pad: 'valid',
    bias: shift,
  });
  return x.rank === 4 ? y : tf.reshape(y, x.shape);
}

/** Normalizes the last axis of `x`. */
function normalize(
  x: tf.Tensor,
  attrs: BatchNormalizationAttrs,
  weights: Readonly<Record<string, tf.Tensor | undefined>>,
  training: boolean,
) {
  if (!training) {
    if (weights.factor !== undefined) return scaleAndShift(x, weights.factor, tensorOf(weights, 'shift'));
    const mean = tensorOf(weights, 'moving_mean') as tf.Tensor1D;
    const variance = tensorOf(weights, 'moving_variance') as tf.Tensor1D;
    return tf.batchNorm(x, mean, variance, weights.beta as tf.Tensor1D, weights.gamma as tf.Tensor1D, attrs.epsilon);
  }
  const { mean, variance } = tf.moments(x, [...x.shape.keys()].slice(0, -1));
  const inverse = tf.rsqrt(tf.add(variance, attrs.epsilon));
  const factor = weights.gamma === undefined ? inverse : tf.mul(inverse, weights.gamma);
  const normalized = tf.mul(tf.sub(x, mean), factor);
  return weights.beta === undefined ? normalized : tf.add(normalized, weights.beta);
}

export const batchNormalization = defineOp<BatchNormalizationAttrs>({
  kind: 'BatchNormalization',
  classes: ['BatchNormalization', 'BatchNormalizationV1', 'BatchNormalizationV2', 'SyncBatchNormalization'],
  read(config, place) {
    const field = readFields(config, place);
    field.requireOnly('renorm', false, noRenorm, useStandard);
    field.requireOnly('virtual_batch_size', null, noRenorm, useStandard);
    return {
      axis: field.axis('axis', -1),
      epsilon: field.number('epsilon', 1e-3),
      momentum: field.number('momentum', 0.99),
      center: field.flag('center', true),
      scale: field.flag('scale', true),
    };
  },
  write: (attrs) => ({ className: 'BatchNormalization', config: attrs }),
  cannotWrite({ axis }, inputs) {
    const rank = single(inputs).length + 1;
    return axisOf(axis, rank) === rank - 1 ? undefined : 'stock TF.js normalizes wrongly along any axis but the last';
  },
  slots({ axis, center, scale }, inputs) {
    const input = single(inputs);
    const channels = knownSize(input, axisOf(axis, input.length + 1) - 1);
    const roles = [...(scale ? ['gamma'] : []), ...(center ? ['beta'] : []), 'moving_mean', 'moving_variance'];
    return roles.map((role): WeightSlot => ({ role, shape: [channels], channelAxis: 0, kind: 'vector' }));
  },
  prepare,
  shape({ axis }, inputs) {
    const input = single(inputs);
    knownSize(input, axisOf(axis, input.length + 1) - 1);
    return input;
  },
  channels({ axis }, inputs) {
    const rank = single(inputs).length + 1;
    if (axisOf(axis, rank) !== rank - 1) return passed(inputs);
    const roles = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
    return passed(
      inputs,
      roles.map((role) => ({ role, axis: 0, counts: 'output', use: 'passes' })),
    );
  },
  forward({ inputs, attrs, weights, training }) {
    const x = single(inputs);
    const axis = axisOf(attrs.axis, x.rank);
    if (axis === x.rank - 1) return normalize(x, attrs, weights, training);
    const order = [...x.shape.keys()];
    order.push(...order.splice(axis, 1));
    const back = order.map((_, index) => order.indexOf(index));
    return tf.transpose(normalize(tf.transpose(x, order), attrs, weights, training), back);
  },
});
