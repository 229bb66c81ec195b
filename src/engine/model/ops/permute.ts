/** Permute: the axes of a sample in another order; axis i of the output is axis dims[i] of the input, counted from 1. */
import * as tf from '@tensorflow/tfjs-core';
import { readFields } from './config.ts';
import { defineOp, formatShape, shapeMismatch, single } from './define.ts';

export type PermuteAttrs = { readonly dims: readonly number[] };

export const permute = defineOp<PermuteAttrs>({
  kind: 'Permute',
  classes: ['Permute'],
  read(config, place) {
    const field = readFields(config, place);
    const dims = field.raw('dims');
    const isOrder = Array.isArray(dims) && dims.every((_, index) => dims.includes(index + 1)) && dims.length > 0;
    if (!isOrder) throw field.malformed('dims', 'the numbers from 1 to the number of axes in another order');
    return { dims: dims as number[] };
  },
  write: ({ dims }) => ({ className: 'Permute', config: { dims } }),
  shape({ dims }, inputs) {
    const input = single(inputs);
    if (input.length === dims.length) return dims.map((axis) => input[axis - 1] ?? null);
    throw shapeMismatch(`It orders ${dims.length} axes, but its input is ${formatShape(input)}.`);
  },
  forward: ({ inputs, attrs: { dims } }) => tf.transpose(single(inputs), [0, ...dims]),
});
