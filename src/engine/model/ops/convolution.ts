/** What the convolution layers share: reading their common fields, the shape of their output and the fused call. */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import type { KerasConfig } from '../op.ts';
import { type ActivationName, applyActivation, readActivation, splitActivation, stockActivation } from './activations.ts';
import { type FieldReader, requireChannelsLast, unsupported } from './config.ts';
import { knownSize, singleOfRank } from './define.ts';
import { type Padding, paddings, windowCount } from './window.ts';

export type Pair = readonly [number, number];

/** The settings that all 2-D convolutions have. */
export type ConvolutionAttrs = {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly useBias: boolean;
  readonly activation: ActivationName;
};

/** Refuses settings of another layer: channels first, and groups where the layer has none. */
export function requirePlainConvolution(field: FieldReader): void {
  requireChannelsLast(field);
  field.requireOnly(
    'groups',
    1,
    'Keras itself cuts no such layer into groups.',
    'Use Conv1D or Conv2D with `groups` in Keras and save the model again.',
  );
}

/** Throws where both dilation and strides exceed 1. */
export function requireStridesOrDilation(field: FieldReader, strides: readonly number[], dilation: readonly number[]): void {
  if (Math.max(...strides) === 1 || Math.max(...dilation) === 1) return;
  throw unsupported(
    field.place,
    '`strides > 1` together with `dilation_rate > 1`',
    'No Keras backend and no TF.js backend defines this combination.',
    'Set one of the two to 1 in Keras and save the model again.',
  );
}

/** Reads the common fields of a 2-D convolution; its groups, where it has any, are the op's business. */
export function readConvolution(field: FieldReader, grouped = false): ConvolutionAttrs {
  if (grouped) requireChannelsLast(field);
  else requirePlainConvolution(field);
  const strides = field.pair('strides', [1, 1]);
  const dilation = field.pair('dilation_rate', [1, 1]);
  requireStridesOrDilation(field, strides, dilation);
  return {
    kernelSize: field.pair('kernel_size'),
    strides,
    padding: field.choice('padding', paddings, 'valid'),
    dilation,
    useBias: field.flag('use_bias', true),
    activation: readActivation(field),
  };
}

/** The common fields as Keras 2 writes them. */
export function writeConvolution(attrs: ConvolutionAttrs): KerasConfig {
  return {
    kernel_size: attrs.kernelSize,
    strides: attrs.strides,
    padding: attrs.padding,
    data_format: 'channels_last',
    dilation_rate: attrs.dilation,
    use_bias: attrs.useBias,
    activation: stockActivation(attrs.activation),
  };
}

/** Output [height, width, channels] of a 2-D convolution. */
export function convolutionShape(attrs: ConvolutionAttrs, inputs: readonly Shape[], channels: number): Shape {
  const input = singleOfRank(inputs, 3);
  knownSize(input, 2);
  const { kernelSize, strides, padding, dilation } = attrs;
  return [
    windowCount(input[0], kernelSize[0], strides[0], padding, dilation[0]),
    windowCount(input[1], kernelSize[1], strides[1], padding, dilation[1]),
    channels,
  ];
}

/** Bias and activation behind a convolution that TF.js fuses neither with. */
export function biased(y: tf.Tensor, bias: tf.Tensor | undefined, activation: ActivationName): tf.Tensor {
  const shifted = bias === undefined ? y : tf.add(y, bias);
  return activation === 'linear' ? shifted : applyActivation(shifted, activation);
}

/** Convolution, bias and activation in one kernel where the backend fuses them. Filter [kh, kw, in, out]. */
export function fusedConvolution(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor | undefined,
  attrs: Pick<ConvolutionAttrs, 'strides' | 'padding' | 'dilation' | 'activation'>,
): tf.Tensor {
  const { fused, after } = splitActivation(attrs.activation);
  const y = tf.fused.conv2d({
    x: x as tf.Tensor4D,
    filter: filter as tf.Tensor4D,
    strides: [...attrs.strides],
    pad: attrs.padding,
    dilations: [...attrs.dilation],
    ...(bias === undefined ? {} : { bias }),
    activation: fused,
  });
  return after === null ? y : applyActivation(y, after);
}
