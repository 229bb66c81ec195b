/** Max and average pooling over windows, 1-D and 2-D. An average counts only the elements inside the picture, as Keras does. */
import * as tf from '@tensorflow/tfjs-core';
import type { Op } from '../op.ts';
import { passed } from './channel-flow.ts';
import { readFields, requireChannelsLast } from './config.ts';
import type { Pair } from './convolution.ts';
import { defineOp, single, singleOfRank } from './define.ts';
import { type Padding, paddings, windowCount } from './window.ts';

export type PoolingAttrs = {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
};

function pool(method: 'max' | 'average', x: tf.Tensor4D, size: Pair, strides: Pair, padding: Padding): tf.Tensor4D {
  return (method === 'max' ? tf.maxPool : tf.avgPool)(x, [...size], [...strides], padding);
}

function definePooling(method: 'max' | 'average', dimensions: 1 | 2): Op {
  const word = method === 'max' ? 'Max' : 'Average';
  const className = `${word}Pooling${dimensions}D`;
  return defineOp<PoolingAttrs>({
    kind: className,
    classes: [className, `${word.slice(0, 3)}Pool${dimensions}D`, `${word}Pool${dimensions}D`],
    read(config, place) {
      const field = readFields(config, place);
      requireChannelsLast(field);
      const poolSize = field.sizes('pool_size', dimensions, new Array<number>(dimensions).fill(2));
      return {
        poolSize,
        strides: field.sizes('strides', dimensions, poolSize),
        padding: field.choice('padding', paddings, 'valid'),
      };
    },
    write: ({ poolSize, strides, padding }) => ({
      className,
      config: { pool_size: poolSize, strides, padding, data_format: 'channels_last' },
    }),
    shape({ poolSize, strides, padding }, inputs) {
      const input = singleOfRank(inputs, dimensions + 1);
      const sizes = poolSize.map((size, axis) => windowCount(input[axis], size, strides[axis] ?? 1, padding));
      return [...sizes, input[dimensions] ?? null];
    },
    channels: (_attrs, inputs) => passed(inputs),
    forward({ inputs, attrs: { poolSize, strides, padding } }) {
      const x = single(inputs);
      const [height = 1, width = 1] = poolSize;
      const [down = 1, right = 1] = strides;
      if (dimensions === 2) return pool(method, x as tf.Tensor4D, [height, width], [down, right], padding);
      return tf.squeeze(pool(method, tf.expandDims(x, 2), [height, 1], [down, 1], padding), [2]);
    },
  });
}

export const maxPooling1D = definePooling('max', 1);
export const maxPooling2D = definePooling('max', 2);
export const averagePooling1D = definePooling('average', 1);
export const averagePooling2D = definePooling('average', 2);
