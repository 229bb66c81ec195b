/** ZeroPadding2D: zeros around the two spatial axes, [[top, bottom], [left, right]]. */
import * as tf from '@tensorflow/tfjs-core';
import { readFields, requireChannelsLast } from './config.ts';
import type { Pair } from './convolution.ts';
import { defineOp, single, singleOfRank } from './define.ts';
import { readSides } from './sides.ts';

export type ZeroPadding2DAttrs = { readonly padding: readonly [Pair, Pair] };

const grown = (size: number | null | undefined, sides: Pair): number | null =>
  size === null || size === undefined ? null : size + sides[0] + sides[1];

export const zeroPadding2D = defineOp<ZeroPadding2DAttrs>({
  kind: 'ZeroPadding2D',
  classes: ['ZeroPadding2D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { padding: readSides(field, 'padding', 1) };
  },
  write: ({ padding }) => ({ className: 'ZeroPadding2D', config: { padding, data_format: 'channels_last' } }),
  shape({ padding: [rows, columns] }, inputs) {
    const input = singleOfRank(inputs, 3);
    return [grown(input[0], rows), grown(input[1], columns), input[2] ?? null];
  },
  forward({ inputs, attrs: { padding } }) {
    const [rows, columns] = padding;
    return tf.pad4d(single(inputs) as tf.Tensor4D, [[0, 0], [...rows], [...columns], [0, 0]]);
  },
});
