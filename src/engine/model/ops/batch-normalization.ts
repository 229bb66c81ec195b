/**
 * BatchNormalization (Ioffe & Szegedy 2015): y = γ (x − μ) / √(σ² + ε) + β along one axis. μ and σ² are the moving averages, or
 * while training the batch's mean and biased variance; updating the averages is the training loop's business.
 * Its products are not counted as multiply-accumulates: they fold into the layer before.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { WeightSlot } from '../op.ts';
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

/** Normalizes the last axis of `x`. */
function normalize(
  x: tf.Tensor,
  attrs: BatchNormalizationAttrs,
  weights: Readonly<Record<string, tf.Tensor | undefined>>,
  training: boolean,
) {
  if (!training) {
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
  shape({ axis }, inputs) {
    const input = single(inputs);
    knownSize(input, axisOf(axis, input.length + 1) - 1);
    return input;
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
