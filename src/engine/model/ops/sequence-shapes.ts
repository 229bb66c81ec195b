/** Layers that pad, crop, stretch or repeat along the one axis of a sequence [steps, channels]. */
import * as tf from '@tensorflow/tfjs-core';
import type { Json } from '../model.ts';
import { passed } from './channel-flow.ts';
import { type FieldReader, readFields, requireChannelsLast } from './config.ts';
import type { Pair } from './convolution.ts';
import { defineOp, formatShape, shapeMismatch, single, singleOfRank } from './define.ts';

/** One amount for both ends, or one for each. */
function readEnds(field: FieldReader, name: string): Pair {
  const value: Json | undefined = field.has(name) ? field.raw(name) : 1;
  const ends = Array.isArray(value) && value.length === 2 ? value : [value, value];
  const valid = ends.every((end) => typeof end === 'number' && Number.isInteger(end) && end >= 0 && end <= 2 ** 16);
  if (!valid) throw field.malformed(name, 'one number or two from 0 to 65536');
  return ends as unknown as Pair;
}

export const zeroPadding1D = defineOp<{ readonly padding: Pair }>({
  kind: 'ZeroPadding1D',
  classes: ['ZeroPadding1D'],
  read: (config, place) => {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { padding: readEnds(field, 'padding') };
  },
  write: ({ padding }) => ({ className: 'ZeroPadding1D', config: { padding } }),
  cannotWrite: () => 'stock TF.js pads no sequences',
  shape({ padding: [before, behind] }, inputs) {
    const [steps = null, channels = null] = singleOfRank(inputs, 2);
    return [steps === null ? null : steps + before + behind, channels];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward: ({ inputs, attrs: { padding } }) => tf.pad(single(inputs), [[0, 0], [...padding], [0, 0]]),
});

export const cropping1D = defineOp<{ readonly cropping: Pair }>({
  kind: 'Cropping1D',
  classes: ['Cropping1D'],
  read: (config, place) => ({ cropping: readEnds(readFields(config, place), 'cropping') }),
  write: ({ cropping }) => ({ className: 'Cropping1D', config: { cropping } }),
  cannotWrite: () => 'stock TF.js crops no sequences',
  shape({ cropping: [before, behind] }, inputs) {
    const input = singleOfRank(inputs, 2);
    const [steps = null, channels = null] = input;
    if (steps === null || steps > before + behind) return [steps === null ? null : steps - before - behind, channels];
    throw shapeMismatch(`Cropping ${before} and ${behind} leaves nothing of its input ${formatShape(input)}.`);
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { cropping } }) {
    const x = single(inputs) as tf.Tensor3D;
    const [batch, steps, channels] = x.shape;
    return tf.slice(x, [0, cropping[0], 0], [batch, steps - cropping[0] - cropping[1], channels]);
  },
});

export const upSampling1D = defineOp<{ readonly size: number }>({
  kind: 'UpSampling1D',
  classes: ['UpSampling1D'],
  read: (config, place) => {
    const [size = 2] = readFields(config, place).sizes('size', 1, [2]);
    return { size };
  },
  write: ({ size }) => ({ className: 'UpSampling1D', config: { size } }),
  cannotWrite: () => 'stock TF.js stretches no sequences',
  shape({ size }, inputs) {
    const [steps = null, channels = null] = singleOfRank(inputs, 2);
    return [steps === null ? null : steps * size, channels];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { size } }) {
    const x = single(inputs) as tf.Tensor3D;
    const [batch, steps, channels] = x.shape;
    return tf.reshape(tf.tile(tf.expandDims(x, 2), [1, 1, size, 1]), [batch, steps * size, channels]);
  },
});

export const repeatVector = defineOp<{ readonly count: number }>({
  kind: 'RepeatVector',
  classes: ['RepeatVector'],
  read: (config, place) => ({ count: readFields(config, place).integer('n') }),
  write: ({ count }) => ({ className: 'RepeatVector', config: { n: count } }),
  shape({ count }, inputs) {
    const [size = null] = singleOfRank(inputs, 1);
    return [count, size];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward: ({ inputs, attrs: { count } }) => tf.tile(tf.expandDims(single(inputs), 1), [1, count, 1]),
});
