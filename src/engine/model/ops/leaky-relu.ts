/** LeakyReLU: x where x ≥ 0, slope · x below. Keras 2 and TF.js call the slope `alpha`, Keras 3 `negative_slope`; 0.3 by default. */
import * as tf from '@tensorflow/tfjs-core';
import { passed } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, single } from './define.ts';

export type LeakyReluAttrs = { readonly slope: number };

export const leakyRelu = defineOp<LeakyReluAttrs>({
  kind: 'LeakyReLU',
  classes: ['LeakyReLU'],
  read(config, place) {
    const field = readFields(config, place);
    return { slope: field.has('negative_slope') ? field.number('negative_slope') : field.number('alpha', 0.3) };
  },
  write: ({ slope }) => ({ className: 'LeakyReLU', config: { alpha: slope } }),
  shape: (_attrs, inputs) => single(inputs),
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { slope } }) {
    const x = single(inputs);
    // The same values as tf.leakyRelu, whose WASM kernel is some forty times slower.
    return (slope <= 1 ? tf.maximum : tf.minimum)(x, tf.mul(x, slope));
  },
});
