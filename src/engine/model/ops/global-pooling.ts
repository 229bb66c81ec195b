/** Max and average over all positions of each channel, 1-D and 2-D. Stock TF.js ignores `keepdims`. */
import * as tf from '@tensorflow/tfjs-core';
import type { Op } from '../op.ts';
import { readFields, requireChannelsLast } from './config.ts';
import { defineOp, single, singleOfRank } from './define.ts';

export type GlobalPoolingAttrs = { readonly keepDims: boolean };

function defineGlobalPooling(method: 'max' | 'average', dimensions: 1 | 2): Op {
  const word = method === 'max' ? 'Max' : 'Average';
  const className = `Global${word}Pooling${dimensions}D`;
  return defineOp<GlobalPoolingAttrs>({
    kind: className,
    classes: [className, `Global${word.slice(0, 3)}Pool${dimensions}D`, `Global${word}Pool${dimensions}D`],
    read(config, place) {
      const field = readFields(config, place);
      requireChannelsLast(field);
      return { keepDims: field.flag('keepdims', false) };
    },
    write: ({ keepDims }) => ({
      className,
      config: { ...(dimensions === 2 ? { data_format: 'channels_last' } : {}), ...(keepDims ? { keepdims: true } : {}) },
    }),
    cannotWrite: ({ keepDims }) => (keepDims ? 'stock TF.js drops the axes that `keepdims` would keep' : undefined),
    shape({ keepDims }, inputs) {
      const input = singleOfRank(inputs, dimensions + 1);
      const channels = input[dimensions] ?? null;
      return keepDims ? [...new Array<number>(dimensions).fill(1), channels] : [channels];
    },
    forward({ inputs, attrs }) {
      const axes = dimensions === 1 ? [1] : [1, 2];
      return method === 'max' ? tf.max(single(inputs), axes, attrs.keepDims) : tf.mean(single(inputs), axes, attrs.keepDims);
    },
  });
}

export const globalMaxPooling1D = defineGlobalPooling('max', 1);
export const globalMaxPooling2D = defineGlobalPooling('max', 2);
export const globalAveragePooling1D = defineGlobalPooling('average', 1);
export const globalAveragePooling2D = defineGlobalPooling('average', 2);
