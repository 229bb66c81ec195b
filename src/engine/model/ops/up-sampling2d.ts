/**
 * UpSampling2D: every pixel repeated, or bilinear interpolation between pixel centres, x' = (x + ½) / size − ½ clamped at the edge.
 * Stock TF.js interpolates between corners instead (x' = x / size), so it can't express the bilinear one.
 */
import * as tf from '@tensorflow/tfjs-core';
import { passed } from './channel-flow.ts';
import { readFields, requireChannelsLast, unsupported } from './config.ts';
import type { Pair } from './convolution.ts';
import { defineOp, single, singleOfRank } from './define.ts';
import { resample } from './resample.ts';

export type UpSampling2DAttrs = { readonly size: Pair; readonly interpolation: 'nearest' | 'bilinear' };

export const upSampling2D = defineOp<UpSampling2DAttrs>({
  kind: 'UpSampling2D',
  classes: ['UpSampling2D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    const interpolation = field.raw('interpolation') ?? 'nearest';
    if (interpolation !== 'nearest' && interpolation !== 'bilinear') {
      throw unsupported(
        place,
        `\`interpolation = ${JSON.stringify(interpolation).slice(0, 40)}\``,
        'TF.js interpolates by nearest and bilinear only.',
        'Choose "nearest" or "bilinear" in Keras and save the model again.',
      );
    }
    return { size: field.pair('size', [2, 2]), interpolation };
  },
  write: ({ size, interpolation }) => ({
    className: 'UpSampling2D',
    config: { size, interpolation, data_format: 'channels_last' },
  }),
  cannotWrite: ({ interpolation }) =>
    interpolation === 'bilinear' ? 'stock TF.js interpolates between corners, Keras between pixel centres' : undefined,
  shape({ size }, inputs) {
    const input = singleOfRank(inputs, 3);
    const scaled = [0, 1].map((axis) => (input[axis] ?? Number.NaN) * (size[axis] ?? 1));
    return [...scaled.map((length) => (Number.isNaN(length) ? null : length)), input[2] ?? null];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { size, interpolation }, training }) {
    const x = single(inputs) as tf.Tensor4D;
    const target: [number, number] = [x.shape[1] * size[0], x.shape[2] * size[1]];
    if (interpolation === 'nearest') return tf.image.resizeNearestNeighbor(x, target);
    return resample(x, target, interpolation, training);
  },
});
