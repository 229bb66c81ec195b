/** Conv1D, computed as a 2-D convolution of height 1. `causal` pads (kernel − 1) · dilation zeros on the left only. */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import type { KerasConfig } from '../op.ts';
import { type ActivationName, activationProblem, readActivation, stockActivation } from './activations.ts';
import { kernelAxes, made } from './channel-flow.ts';
import { type FieldReader, readFields } from './config.ts';
import { fusedConvolution, requirePlainConvolution, requireStridesOrDilation } from './convolution.ts';
import { defineOp, elements, knownSize, single, singleOfRank, tensorOf } from './define.ts';
import { windowCount } from './window.ts';

/** The settings that all 1-D convolutions have. */
export type RowAttrs = {
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dilation: number;
  readonly useBias: boolean;
  readonly activation: ActivationName;
};

export type Conv1DAttrs = RowAttrs & { readonly filters: number };

/** Reads the fields that all 1-D convolutions have. */
export function readRow(field: FieldReader): RowAttrs {
  const [kernelSize = 1] = field.sizes('kernel_size', 1);
  const [strides = 1] = field.sizes('strides', 1, [1]);
  const [dilation = 1] = field.sizes('dilation_rate', 1, [1]);
  requireStridesOrDilation(field, [strides], [dilation]);
  return {
    kernelSize,
    strides,
    padding: field.choice('padding', ['valid', 'same', 'causal'], 'valid'),
    dilation,
    useBias: field.flag('use_bias', true),
    activation: readActivation(field),
  };
}

/** The fields of `readRow` as Keras 2 writes them. */
export function writeRow(attrs: RowAttrs): KerasConfig {
  return {
    kernel_size: [attrs.kernelSize],
    strides: [attrs.strides],
    padding: attrs.padding,
    data_format: 'channels_last',
    dilation_rate: [attrs.dilation],
    use_bias: attrs.useBias,
    activation: stockActivation(attrs.activation),
  };
}

export const readConv1D = (field: FieldReader): Conv1DAttrs => ({ filters: field.integer('filters'), ...readRow(field) });

export const writeConv1D = (attrs: Conv1DAttrs): KerasConfig => ({ filters: attrs.filters, ...writeRow(attrs) });

/** Output [steps, channels] of a 1-D convolution. */
export function rowShape(
  { kernelSize, strides, padding, dilation }: RowAttrs,
  inputs: readonly Shape[],
  channels: number,
): Shape {
  const input = singleOfRank(inputs, 2);
  knownSize(input, 1);
  return [windowCount(input[0], kernelSize, strides, padding, dilation), channels];
}

export const conv1DShape = (attrs: Conv1DAttrs, inputs: readonly Shape[]): Shape => rowShape(attrs, inputs, attrs.filters);

/** The input [batch, steps, channels] with the zeros that `causal` puts before it. */
export function padCausally(x: tf.Tensor3D, { padding, kernelSize, dilation }: RowAttrs): tf.Tensor3D {
  const left = padding === 'causal' ? (kernelSize - 1) * dilation : 0;
  if (left === 0) return x;
  return tf.pad3d(x, [
    [0, 0],
    [left, 0],
    [0, 0],
  ]);
}

/** Strides, padding and dilation of a 1-D convolution as a 2-D one has them, on a picture of one row. */
export function onOneRow({ strides, padding, dilation }: RowAttrs) {
  return {
    strides: [1, strides] as [number, number],
    padding: padding === 'same' ? ('same' as const) : ('valid' as const),
    dilation: [1, dilation] as [number, number],
  };
}

export const conv1D = defineOp<Conv1DAttrs>({
  kind: 'Conv1D',
  classes: ['Conv1D', 'Convolution1D'],
  read(config, place) {
    const field = readFields(config, place);
    requirePlainConvolution(field);
    return readConv1D(field);
  },
  write: (attrs) => ({ className: 'Conv1D', config: writeConv1D(attrs) }),
  cannotWrite: ({ padding, activation }) =>
    padding === 'causal' ? 'stock TF.js has no causal padding' : activationProblem(activation),
  slots(attrs, inputs) {
    const channels = knownSize(singleOfRank(inputs, 2), 1);
    return [
      { role: 'kernel', shape: [attrs.kernelSize, channels, attrs.filters], channelAxis: 2, kind: 'kernel' },
      ...(attrs.useBias ? [{ role: 'bias', shape: [attrs.filters], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape: conv1DShape,
  macs: ({ kernelSize }, inputs, output) => elements(output) * kernelSize * knownSize(single(inputs), 1),
  channels: (attrs) => made(kernelAxes('kernel', 1), attrs.activation, (filters) => ({ ...attrs, filters })),
  forward({ inputs, attrs, weights }) {
    const row = tf.expandDims(padCausally(single(inputs) as tf.Tensor3D, attrs), 1);
    const kernel = tf.expandDims(tensorOf(weights, 'kernel'), 0);
    const y = fusedConvolution(row, kernel, weights.bias, { ...onOneRow(attrs), activation: attrs.activation });
    return tf.squeeze(y, [1]);
  },
});
