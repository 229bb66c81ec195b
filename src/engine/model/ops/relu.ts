/**
 * The ReLU layer: x where x ≥ threshold, negativeSlope · (x − threshold) below it, never above maxValue.
 * Stock TF.js knows only maxValue.
 */
import * as tf from '@tensorflow/tfjs-core';
import { passed } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, single } from './define.ts';

export type ReluAttrs = { readonly maxValue: number | null; readonly negativeSlope: number; readonly threshold: number };

export const relu = defineOp<ReluAttrs>({
  kind: 'ReLU',
  classes: ['ReLU'],
  read(config, place) {
    const field = readFields(config, place);
    return {
      maxValue: field.numberOrNull('max_value'),
      negativeSlope: field.number('negative_slope', 0),
      threshold: field.number('threshold', 0),
    };
  },
  write: ({ maxValue, negativeSlope, threshold }) => ({
    className: 'ReLU',
    config: { max_value: maxValue, negative_slope: negativeSlope, threshold },
  }),
  cannotWrite: ({ negativeSlope, threshold }) =>
    negativeSlope === 0 && threshold === 0
      ? undefined
      : 'stock TF.js ignores the negative slope and the threshold of a ReLU layer',
  shape: (_attrs, inputs) => single(inputs),
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { maxValue, negativeSlope, threshold } }) {
    const x = single(inputs);
    if (threshold === 0 && negativeSlope === 0) {
      if (maxValue === null) return tf.relu(x);
      return maxValue === 6 ? tf.relu6(x) : tf.clipByValue(tf.relu(x), 0, maxValue);
    }
    const y = tf.where(tf.greaterEqual(x, threshold), x, tf.mul(tf.sub(x, threshold), negativeSlope));
    return maxValue === null ? y : tf.minimum(y, maxValue);
  },
});

/** ThresholdedReLU (Konda et al. 2015): x where x > θ, else 0. */
export const thresholdedRelu = defineOp<{ readonly theta: number }>({
  kind: 'ThresholdedReLU',
  classes: ['ThresholdedReLU'],
  read: (config, place) => ({ theta: readFields(config, place).number('theta', 1) }),
  write: ({ theta }) => ({ className: 'ThresholdedReLU', config: { theta } }),
  shape: (_attrs, inputs) => single(inputs),
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { theta } }) {
    const x = single(inputs);
    // TF.js has a gradient of this comparison, not of `greater`.
    return tf.where(tf.greaterEqual(theta, x), tf.zerosLike(x), x);
  },
});
