/** Flatten: all axes of a sample as one, row-major. */
import * as tf from '@tensorflow/tfjs-core';
import type { Attrs } from '../model.ts';
import { laidOut } from './channel-flow.ts';
import { readFields, requireChannelsLast } from './config.ts';
import { defineOp, elements, single } from './define.ts';

export const flatten = defineOp<Attrs>({
  kind: 'Flatten',
  classes: ['Flatten'],
  read(config, place) {
    requireChannelsLast(readFields(config, place));
    return {};
  },
  write: () => ({ className: 'Flatten', config: {} }),
  cannotWrite: (_attrs, inputs) =>
    single(inputs).length < 2 ? 'stock TF.js flattens only inputs of two or more dimensions besides the batch' : undefined,
  shape(_attrs, inputs) {
    const count = elements(single(inputs));
    return [Number.isNaN(count) ? null : count];
  },
  channels: (_attrs, inputs, output) => laidOut(single(inputs), output),
  forward({ inputs }) {
    const x = single(inputs);
    return tf.reshape(x, [x.shape[0] ?? 1, x.size / Math.max(1, x.shape[0] ?? 1)]);
  },
});
