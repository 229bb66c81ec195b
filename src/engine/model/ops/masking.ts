/** Masking: steps that hold nothing but `maskValue` become zeros; recurrent layers behind it pass over them (see recurrent.ts). */
import * as tf from '@tensorflow/tfjs-core';
import { readFields } from './config.ts';
import { defineOp, shapeMismatch, single } from './define.ts';
import { keptSteps } from './kept-steps.ts';

export type MaskingAttrs = { readonly maskValue: number };

export const masking = defineOp<MaskingAttrs>({
  kind: 'Masking',
  classes: ['Masking'],
  read: (config, place) => ({ maskValue: readFields(config, place).number('mask_value', 0) }),
  write: ({ maskValue }) => ({ className: 'Masking', config: { mask_value: maskValue } }),
  shape(_attrs, inputs) {
    const input = single(inputs);
    if (input.length > 1) return input;
    throw shapeMismatch('It takes at least two dimensions besides the batch: steps and features.');
  },
  forward({ inputs, attrs }) {
    const x = single(inputs);
    return tf.mul(x, keptSteps(x, attrs.maskValue));
  },
});
