/**
 * Conv2DTranspose and Conv1DTranspose (Zeiler et al. 2010): the gradient of a convolution with respect to its input. Every element spreads
 * over a window of the output, kernel [..., out, in]; sizes are those of Keras:
 *
 *   valid   size · stride + max(kernel − stride, 0)
 *   same    size · stride
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import { type ActivationName, activationProblem, readActivation, stockActivation } from './activations.ts';
import { made } from './channel-flow.ts';
import { type FieldReader, readFields, requireChannelsLast } from './config.ts';
import { biased, type Pair } from './convolution.ts';
import { defineOp, elements, knownSize, single, singleOfRank, tensorOf } from './define.ts';
import { type Padding, paddings } from './window.ts';

export type TransposedAttrs = {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly useBias: boolean;
  readonly activation: ActivationName;
};

function readTransposed(field: FieldReader, dimensions: 1 | 2): TransposedAttrs {
  requireChannelsLast(field);
  const ones = new Array<number>(dimensions).fill(1);
  const save = 'Leave it at its default in Keras and save the model again.';
  if (field.has('dilation_rate') && field.sizes('dilation_rate', dimensions).some((step) => step !== 1)) {
    field.requireOnly('dilation_rate', ones, 'TF.js has no transposed convolution with holes in its kernel.', save);
  }
  field.requireOnly('output_padding', null, 'Where it puts the added rows differs between the backends of Keras.', save);
  field.requireOnly('groups', 1, 'Keras itself cuts no such layer into groups.', save);
  return {
    filters: field.integer('filters'),
    kernelSize: field.sizes('kernel_size', dimensions),
    strides: field.sizes('strides', dimensions, ones),
    padding: field.choice('padding', paddings, 'valid'),
    useBias: field.flag('use_bias', true),
    activation: readActivation(field),
  };
}

/** The output's length along one axis. */
function spread(size: number | null | undefined, kernel: number, stride: number, padding: Padding): number | null {
  if (size === null || size === undefined) return null;
  return size * stride + (padding === 'valid' ? Math.max(kernel - stride, 0) : 0);
}

function shapeOf({ kernelSize, strides, padding, filters }: TransposedAttrs, inputs: readonly Shape[]): Shape {
  const input = singleOfRank(inputs, kernelSize.length + 1);
  knownSize(input, -1);
  return [...kernelSize.map((kernel, axis) => spread(input[axis], kernel, strides[axis] ?? 1, padding)), filters];
}

/** x [batch, height, width, in] and kernel [kh, kw, out, in]. */
function spreadOut(x: tf.Tensor4D, kernel: tf.Tensor4D, strides: Pair, padding: Padding): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const size = ([length, axis]: Pair): number => spread(length, kernel.shape[axis] ?? 1, strides[axis] ?? 1, padding) ?? 0;
  const target: [number, number, number, number] = [batch, size([height, 0]), size([width, 1]), kernel.shape[2]];
  return tf.conv2dTranspose(x, kernel, target, [...strides], padding);
}

function defineTransposed(dimensions: 1 | 2) {
  const className = `Conv${dimensions}DTranspose`;
  return defineOp<TransposedAttrs>({
    kind: className,
    classes: [className, ...(dimensions === 2 ? ['Deconvolution2D', 'Convolution2DTranspose'] : ['Convolution1DTranspose'])],
    read: (config, place) => readTransposed(readFields(config, place), dimensions),
    write: ({ filters, kernelSize, strides, padding, useBias, activation }) => ({
      className,
      config: {
        ...{ filters, kernel_size: kernelSize, strides, padding, data_format: 'channels_last' },
        ...{ use_bias: useBias, activation: stockActivation(activation) },
      },
    }),
    cannotWrite: ({ activation }) =>
      dimensions === 1 ? 'stock TF.js has no transposed convolution of sequences' : activationProblem(activation),
    slots({ kernelSize, filters, useBias }, inputs) {
      const channels = knownSize(singleOfRank(inputs, dimensions + 1), -1);
      return [
        { role: 'kernel', shape: [...kernelSize, filters, channels], channelAxis: dimensions, kind: 'kernel' },
        ...(useBias ? [{ role: 'bias', shape: [filters], channelAxis: 0, kind: 'vector' } as const] : []),
      ];
    },
    shape: shapeOf,
    macs({ kernelSize, filters }, inputs) {
      return elements(single(inputs)) * kernelSize.reduce((product, size) => product * size, filters);
    },
    channels(attrs) {
      const axes = [
        { role: 'kernel', axis: dimensions + 1, counts: 0, use: 'reads' },
        { role: 'kernel', axis: dimensions, counts: 'output', use: 'makes' },
        { role: 'bias', axis: 0, counts: 'output', use: 'passes' },
      ] as const;
      return made(axes, attrs.activation, (filters) => ({ ...attrs, filters }));
    },
    forward({ inputs, attrs: { strides, padding, activation }, weights }) {
      const x = single(inputs);
      const kernel = tensorOf(weights, 'kernel');
      const [down = 1, right = 1] = strides;
      const y =
        dimensions === 2
          ? spreadOut(x as tf.Tensor4D, kernel as tf.Tensor4D, [down, right], padding)
          : tf.squeeze(spreadOut(tf.expandDims(x, 2), tf.expandDims(kernel, 1), [down, 1], padding), [2]);
      return biased(y, weights.bias, activation);
    },
  });
}

export const conv1DTranspose = defineTransposed(1);
export const conv2DTranspose = defineTransposed(2);
