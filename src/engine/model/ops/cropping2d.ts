/** Cropping2D: the two spatial axes without what lies at their ends, [[top, bottom], [left, right]]. */
import * as tf from '@tensorflow/tfjs-core';
import { readFields, requireChannelsLast } from './config.ts';
import type { Pair } from './convolution.ts';
import { defineOp, formatShape, shapeMismatch, single, singleOfRank } from './define.ts';
import { readSides } from './sides.ts';

export type Cropping2DAttrs = { readonly cropping: readonly [Pair, Pair] };

export const cropping2D = defineOp<Cropping2DAttrs>({
  kind: 'Cropping2D',
  classes: ['Cropping2D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { cropping: readSides(field, 'cropping', 0) };
  },
  write: ({ cropping }) => ({ className: 'Cropping2D', config: { cropping, data_format: 'channels_last' } }),
  shape({ cropping }, inputs) {
    const input = singleOfRank(inputs, 3);
    const left = cropping.map(([before, behind], axis) => {
      const size = input[axis] ?? null;
      if (size === null || size > before + behind) return size === null ? null : size - before - behind;
      throw shapeMismatch(`Cropping ${before} and ${behind} leaves nothing of its input ${formatShape(input)}.`);
    });
    return [...left, input[2] ?? null];
  },
  forward({ inputs, attrs: { cropping } }) {
    const x = single(inputs) as tf.Tensor4D;
    const [rows, columns] = cropping;
    const [count, height, width, channels] = x.shape;
    return tf.slice(
      x,
      [0, rows[0], columns[0], 0],
      [count, height - rows[0] - rows[1], width - columns[0] - columns[1], channels],
    );
  },
});
