/** ZeroPadding2D: zeros around the two spatial axes, [[top, bottom], [left, right]]. */
import * as tf from '@tensorflow/tfjs-core';
import type { Json } from '../model.ts';
import { passed } from './channel-flow.ts';
import { type FieldReader, readFields, requireChannelsLast } from './config.ts';
import type { Pair } from './convolution.ts';
import { defineOp, single, singleOfRank } from './define.ts';

export type ZeroPadding2DAttrs = { readonly padding: readonly [Pair, Pair] };

/** Keras takes one number, one per axis, or both sides of each axis. */
function readPadding(field: FieldReader): readonly [Pair, Pair] {
  const value = field.has('padding') ? field.raw('padding') : 1;
  const amount = (side: Json | undefined): number => {
    if (typeof side === 'number' && Number.isInteger(side) && side >= 0 && side <= 2 ** 16) return side;
    throw field.malformed('padding', 'one number, two numbers or two pairs of numbers from 0 to 65536');
  };
  const sides = (axis: Json | undefined): Pair => {
    if (!Array.isArray(axis)) return [amount(axis), amount(axis)];
    return [amount(axis[0]), amount(axis.length === 2 ? axis[1] : undefined)];
  };
  if (!Array.isArray(value)) return [sides(value), sides(value)];
  return [sides(value[0]), sides(value.length === 2 ? value[1] : undefined)];
}

const grown = (size: number | null | undefined, sides: Pair): number | null =>
  size === null || size === undefined ? null : size + sides[0] + sides[1];

export const zeroPadding2D = defineOp<ZeroPadding2DAttrs>({
  kind: 'ZeroPadding2D',
  classes: ['ZeroPadding2D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { padding: readPadding(field) };
  },
  write: ({ padding }) => ({ className: 'ZeroPadding2D', config: { padding, data_format: 'channels_last' } }),
  shape({ padding: [rows, columns] }, inputs) {
    const input = singleOfRank(inputs, 3);
    return [grown(input[0], rows), grown(input[1], columns), input[2] ?? null];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { padding } }) {
    const [rows, columns] = padding;
    return tf.pad4d(single(inputs) as tf.Tensor4D, [[0, 0], [...rows], [...columns], [0, 0]]);
  },
});
