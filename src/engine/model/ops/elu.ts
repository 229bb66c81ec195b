/** The ELU layer: x where x > 0, α (eˣ − 1) below. Stock TF.js refuses any α but 1. */
import * as tf from '@tensorflow/tfjs-core';
import { passed } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, single } from './define.ts';

export type EluAttrs = { readonly alpha: number };

export const elu = defineOp<EluAttrs>({
  kind: 'ELU',
  classes: ['ELU'],
  read: (config, place) => ({ alpha: readFields(config, place).number('alpha', 1) }),
  write: ({ alpha }) => ({ className: 'ELU', config: { alpha } }),
  cannotWrite: ({ alpha }) => (alpha === 1 ? undefined : 'stock TF.js knows no ELU with an alpha other than 1'),
  shape: (_attrs, inputs) => single(inputs),
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs }) {
    const x = single(inputs);
    if (attrs.alpha === 1) return tf.elu(x);
    return tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), attrs.alpha));
  },
});
