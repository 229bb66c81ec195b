/** PReLU (He et al. 2015): x where x > 0, α · x below, with a learned α per element; axes in `sharedAxes` share one. */
import * as tf from '@tensorflow/tfjs-core';
import { passed } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, knownSize, single, tensorOf } from './define.ts';

export type PreluAttrs = {
  /** Counts the batch: 1 is the first axis of a sample. */
  readonly sharedAxes: readonly number[];
};

export const prelu = defineOp<PreluAttrs>({
  kind: 'PReLU',
  classes: ['PReLU'],
  read(config, place) {
    const field = readFields(config, place);
    const value = field.has('shared_axes') ? field.raw('shared_axes') : [];
    const sharedAxes = Array.isArray(value) ? value : [value];
    if (!sharedAxes.every((axis) => Number.isInteger(axis) && axis >= 1))
      throw field.malformed('shared_axes', 'axis numbers from 1');
    return { sharedAxes };
  },
  write: ({ sharedAxes }) => ({ className: 'PReLU', config: { shared_axes: sharedAxes } }),
  slots({ sharedAxes }, inputs) {
    const input = single(inputs);
    const shape = input.map((_, index) => (sharedAxes.includes(index + 1) ? 1 : knownSize(input, index)));
    return [{ role: 'alpha', shape, channelAxis: shape.length - 1, kind: 'vector' }];
  },
  shape: (_attrs, inputs) => single(inputs),
  channels({ sharedAxes }, inputs) {
    const last = single(inputs).length;
    if (sharedAxes.includes(last)) return passed(inputs);
    return passed(inputs, [{ role: 'alpha', axis: last - 1, counts: 'output', use: 'passes' }]);
  },
  forward({ inputs, weights }) {
    const x = single(inputs);
    // Not tf.prelu: its WASM kernel repeats alpha as one vector, which is wrong where an axis other than a leading one is shared.
    return tf.add(tf.relu(x), tf.mul(tf.minimum(x, 0), tensorOf(weights, 'alpha')));
  },
});
