/** Conv1D, computed as a 2-D convolution of height 1. `causal` pads (kernel − 1) · dilation zeros on the left only. */
import * as tf from '@tensorflow/tfjs-core';
import { type ActivationName, activationProblem, readActivation, stockActivation } from './activations.ts';
import { kernelAxes, made } from './channel-flow.ts';
import { readFields } from './config.ts';
import { fusedConvolution, requirePlainConvolution, requireStridesOrDilation } from './convolution.ts';
import { defineOp, elements, knownSize, single, singleOfRank, tensorOf } from './define.ts';
import { windowCount } from './window.ts';

export type Conv1DAttrs = {
  readonly filters: number;
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dilation: number;
  readonly useBias: boolean;
  readonly activation: ActivationName;
};

export const conv1D = defineOp<Conv1DAttrs>({
  kind: 'Conv1D',
  classes: ['Conv1D', 'Convolution1D'],
  read(config, place) {
    const field = readFields(config, place);
    requirePlainConvolution(field);
    const [kernelSize = 1] = field.sizes('kernel_size', 1);
    const [strides = 1] = field.sizes('strides', 1, [1]);
    const [dilation = 1] = field.sizes('dilation_rate', 1, [1]);
    requireStridesOrDilation(field, [strides], [dilation]);
    return {
      filters: field.integer('filters'),
      kernelSize,
      strides,
      padding: field.choice('padding', ['valid', 'same', 'causal'], 'valid'),
      dilation,
      useBias: field.flag('use_bias', true),
      activation: readActivation(field),
    };
  },
  write: (attrs) => ({
    className: 'Conv1D',
    config: {
      filters: attrs.filters,
      kernel_size: [attrs.kernelSize],
      strides: [attrs.strides],
      padding: attrs.padding,
      data_format: 'channels_last',
      dilation_rate: [attrs.dilation],
      use_bias: attrs.useBias,
      activation: stockActivation(attrs.activation),
    },
  }),
  cannotWrite: ({ padding, activation }) =>
    padding === 'causal' ? 'stock TF.js has no causal padding' : activationProblem(activation),
  slots(attrs, inputs) {
    const channels = knownSize(singleOfRank(inputs, 2), 1);
    return [
      { role: 'kernel', shape: [attrs.kernelSize, channels, attrs.filters], channelAxis: 2, kind: 'kernel' },
      ...(attrs.useBias ? [{ role: 'bias', shape: [attrs.filters], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape({ filters, kernelSize, strides, padding, dilation }, inputs) {
    const input = singleOfRank(inputs, 2);
    knownSize(input, 1);
    return [windowCount(input[0], kernelSize, strides, padding, dilation), filters];
  },
  macs: ({ kernelSize }, inputs, output) => elements(output) * kernelSize * knownSize(single(inputs), 1),
  channels: (attrs) => made(kernelAxes('kernel', 1), attrs.activation, (filters) => ({ ...attrs, filters })),
  forward({ inputs, attrs, weights }) {
    const x = single(inputs) as tf.Tensor3D;
    const left = attrs.padding === 'causal' ? (attrs.kernelSize - 1) * attrs.dilation : 0;
    const padded =
      left === 0
        ? x
        : tf.pad3d(x, [
            [0, 0],
            [left, 0],
            [0, 0],
          ]);
    const y = fusedConvolution(tf.expandDims(padded, 1), tf.expandDims(tensorOf(weights, 'kernel'), 0), weights.bias, {
      strides: [1, attrs.strides],
      padding: attrs.padding === 'same' ? 'same' : 'valid',
      dilation: [1, attrs.dilation],
      activation: attrs.activation,
    });
    return tf.squeeze(y, [1]);
  },
});
