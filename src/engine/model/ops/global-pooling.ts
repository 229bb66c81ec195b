/** Max and average over all positions of each channel, 1-D and 2-D. Stock TF.js ignores `keepdims`. */
import * as tf from '@tensorflow/tfjs-core';
import type { Op } from '../op.ts';
import { passed } from './channel-flow.ts';
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
    channels: (_attrs, inputs) => passed(inputs),
    forward({ inputs, attrs, training }) {
      const x = single(inputs);
      const axes = dimensions === 1 ? [1] : [1, 2];
      if (training) return method === 'max' ? tf.max(x, axes, attrs.keepDims) : tf.mean(x, axes, attrs.keepDims);
      // One window over everything is many times faster on WASM than a reduction; its gradient is slower.
      const plane = (dimensions === 1 ? tf.expandDims(x, 2) : x) as tf.Tensor4D;
      const [count, height, width, channels] = plane.shape;
      const y = (method === 'max' ? tf.maxPool : tf.avgPool)(plane, [height, width], 1, 'valid');
      return tf.reshape(y, [count, ...(attrs.keepDims ? new Array<number>(dimensions).fill(1) : []), channels]);
    },
  });
}

export const globalMaxPooling1D = defineGlobalPooling('max', 1);
export const globalMaxPooling2D = defineGlobalPooling('max', 2);
export const globalAveragePooling1D = defineGlobalPooling('average', 1);
export const globalAveragePooling2D = defineGlobalPooling('average', 2);
