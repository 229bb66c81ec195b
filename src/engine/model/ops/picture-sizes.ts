/**
 * Layers that bring pictures to a size: Resizing by bilinear or nearest interpolation between the centres of pixels, CenterCrop by taking
 * the middle. Stock TF.js interpolates between corners.
 */
import * as tf from '@tensorflow/tfjs-core';
import { passed } from './channel-flow.ts';
import { readFields, requireChannelsLast, unsupported } from './config.ts';
import type { Pair } from './convolution.ts';
import { defineOp, formatShape, shapeMismatch, single, singleOfRank } from './define.ts';
import { type Interpolation, resample } from './resample.ts';

export type ResizingAttrs = { readonly size: Pair; readonly interpolation: Interpolation };

export const resizing = defineOp<ResizingAttrs>({
  kind: 'Resizing',
  classes: ['Resizing'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    const remedy = 'Prepare pictures of the right size, leave the layer out in Keras and save the model again.';
    for (const name of ['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'antialias']) {
      field.requireOnly(name, false, 'The part taken, or the filter, depends on the size of each picture.', remedy);
    }
    const interpolation = field.raw('interpolation') ?? 'bilinear';
    if (interpolation !== 'nearest' && interpolation !== 'bilinear') {
      const what = `\`interpolation = ${JSON.stringify(interpolation).slice(0, 40)}\``;
      throw unsupported(place, what, 'TF.js interpolates by nearest and bilinear only.', remedy);
    }
    return { size: [field.integer('height'), field.integer('width')], interpolation };
  },
  write: ({ size: [height, width], interpolation }) => ({
    className: 'Resizing',
    config: { height, width, interpolation, crop_to_aspect_ratio: false },
  }),
  cannotWrite: () => 'stock TF.js interpolates between corners, Keras between pixel centres',
  shape({ size }, inputs) {
    const input = singleOfRank(inputs, 3);
    return [...size, input[2] ?? null];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward: ({ inputs, attrs: { size, interpolation }, training }) =>
    resample(single(inputs) as tf.Tensor4D, size, interpolation, training),
});

export type CenterCropAttrs = { readonly size: Pair };

/** How many rows and columns are left out before the middle. */
export function cropStart(input: readonly (number | null)[], size: Pair): Pair {
  return [0, 1].map((axis) => Math.floor(((input[axis] ?? 0) - (size[axis] ?? 0)) / 2)) as unknown as Pair;
}

export const centerCrop = defineOp<CenterCropAttrs>({
  kind: 'CenterCrop',
  classes: ['CenterCrop'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { size: [field.integer('height'), field.integer('width')] };
  },
  write: ({ size: [height, width] }) => ({ className: 'CenterCrop', config: { height, width } }),
  cannotWrite: () => 'stock TF.js takes the middle of a picture by resampling it',
  shape({ size }, inputs) {
    const input = singleOfRank(inputs, 3);
    const fits = size.every((length, axis) => length <= (input[axis] ?? length));
    if (fits) return [...size, input[2] ?? null];
    throw shapeMismatch(`Its input ${formatShape(input)} is smaller than the part ${size.join(' × ')} that it takes.`);
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { size } }) {
    const x = single(inputs) as tf.Tensor4D;
    const [top, left] = cropStart(x.shape.slice(1), size);
    return tf.slice(x, [0, top, left, 0], [x.shape[0], size[0], size[1], x.shape[3]]);
  },
});
