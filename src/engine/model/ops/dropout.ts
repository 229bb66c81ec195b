/**
 * Layers that do something only while training: Dropout (SpatialDropout is the same with one draw per feature map) scales what it
 * keeps by 1 / (1 − rate); GaussianNoise adds N(0, stddev²); GaussianDropout multiplies by N(1, rate / (1 − rate)).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ForwardCall } from '../op.ts';
import { passed } from './channel-flow.ts';
import { type FieldReader, readFields } from './config.ts';
import { defineOp, single } from './define.ts';

export type DropoutAttrs = {
  readonly rate: number;
  /** Shape of the draw, batch included; null takes the input's size. Null as a whole draws every element. */
  readonly noiseShape: readonly (number | null)[] | null;
};

function readRate(field: FieldReader): number {
  const rate = field.number('rate', 0.5);
  if (rate < 0 || rate >= 1) throw field.malformed('rate', 'a number from 0 up to, but not including, 1');
  return rate;
}

function drawSeed({ rng }: ForwardCall): number {
  if (rng === undefined) throw new Error('Training a model with dropout or noise needs a source of randomness.');
  return rng.integer(2 ** 31);
}

export const dropout = defineOp<DropoutAttrs>({
  kind: 'Dropout',
  classes: ['Dropout', 'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D'],
  read(config, place) {
    const field = readFields(config, place);
    const rate = readRate(field);
    if (place.className === 'SpatialDropout1D') return { rate, noiseShape: [null, 1, null] };
    if (place.className === 'SpatialDropout2D') return { rate, noiseShape: [null, 1, 1, null] };
    if (place.className === 'SpatialDropout3D') return { rate, noiseShape: [null, 1, 1, 1, null] };
    const shape = field.raw('noise_shape') ?? null;
    if (shape === null) return { rate, noiseShape: null };
    const valid = Array.isArray(shape) && shape.every((size) => size === null || (Number.isInteger(size) && size >= 1));
    if (!valid) throw field.malformed('noise_shape', 'a list of sizes or nulls');
    return { rate, noiseShape: shape };
  },
  write: ({ rate, noiseShape }) => ({ className: 'Dropout', config: { rate, noise_shape: noiseShape } }),
  shape: (_attrs, inputs) => single(inputs),
  channels({ noiseShape }, inputs) {
    const wide = (noiseShape?.at(-1) ?? 1) > 1;
    return wide ? { ...passed(inputs), keeps: [{ of: 'output', reason: 'attribute' }] } : passed(inputs);
  },
  forward(call) {
    const x = single(call.inputs);
    const { rate, noiseShape } = call.attrs;
    if (!call.training || rate === 0) return tf.clone(x);
    const shape = x.shape.map((size, axis) => noiseShape?.[axis] ?? size);
    return tf.dropout(x, rate, shape, drawSeed(call));
  },
});

export const gaussianNoise = defineOp<{ readonly stddev: number }>({
  kind: 'GaussianNoise',
  classes: ['GaussianNoise'],
  read: (config, place) => ({ stddev: readFields(config, place).number('stddev') }),
  write: ({ stddev }) => ({ className: 'GaussianNoise', config: { stddev } }),
  shape: (_attrs, inputs) => single(inputs),
  channels: (_attrs, inputs) => passed(inputs),
  forward(call) {
    const x = single(call.inputs);
    if (!call.training) return tf.clone(x);
    return tf.add(x, tf.randomNormal(x.shape, 0, call.attrs.stddev, 'float32', drawSeed(call)));
  },
});

export const gaussianDropout = defineOp<{ readonly rate: number }>({
  kind: 'GaussianDropout',
  classes: ['GaussianDropout'],
  read: (config, place) => ({ rate: readRate(readFields(config, place)) }),
  write: ({ rate }) => ({ className: 'GaussianDropout', config: { rate } }),
  shape: (_attrs, inputs) => single(inputs),
  channels: (_attrs, inputs) => passed(inputs),
  forward(call) {
    const x = single(call.inputs);
    const { rate } = call.attrs;
    if (!call.training || rate === 0) return tf.clone(x);
    return tf.mul(x, tf.randomNormal(x.shape, 1, Math.sqrt(rate / (1 - rate)), 'float32', drawSeed(call)));
  },
});
