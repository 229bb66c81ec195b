/** DepthwiseConv1D and SeparableConv1D: their 2-D namesakes on pictures of one row. */
import * as tf from '@tensorflow/tfjs-core';
import { activated, kernelAxes, made } from './channel-flow.ts';
import { readFields } from './config.ts';
import { onOneRow, padCausally, type RowAttrs, readRow, rowShape, writeRow } from './conv1d.ts';
import { biased, requirePlainConvolution } from './convolution.ts';
import { defineOp, elements, knownSize, single, singleOfRank, tensorOf } from './define.ts';

type DepthwiseConv1DAttrs = RowAttrs & { readonly depthMultiplier: number };
type SeparableConv1DAttrs = DepthwiseConv1DAttrs & { readonly filters: number };

const depthOf = (inputs: Parameters<typeof singleOfRank>[0]): number => knownSize(singleOfRank(inputs, 2), 1);

/** x [batch, steps, channels] and kernel [k, channels, multiplier] to [batch, 1, steps, channels · multiplier]. */
function filtered(x: tf.Tensor, kernel: tf.Tensor, attrs: RowAttrs): tf.Tensor4D {
  const row = tf.expandDims(padCausally(x as tf.Tensor3D, attrs), 1) as tf.Tensor4D;
  const { strides, padding, dilation } = onOneRow(attrs);
  return tf.depthwiseConv2d(row, tf.expandDims(kernel, 0) as tf.Tensor4D, strides, padding, 'NHWC', dilation);
}

const finished = (row: tf.Tensor, bias: tf.Tensor | undefined, { activation }: RowAttrs): tf.Tensor =>
  biased(tf.squeeze(row, [1]), bias, activation);

export const depthwiseConv1D = defineOp<DepthwiseConv1DAttrs>({
  kind: 'DepthwiseConv1D',
  classes: ['DepthwiseConv1D'],
  read(config, place) {
    const field = readFields(config, place);
    requirePlainConvolution(field);
    return { depthMultiplier: field.integer('depth_multiplier', 1), ...readRow(field) };
  },
  write: (attrs) => ({
    className: 'DepthwiseConv1D',
    config: { depth_multiplier: attrs.depthMultiplier, ...writeRow(attrs) },
  }),
  cannotWrite: () => 'stock TF.js has no depthwise convolution of sequences',
  slots({ kernelSize, depthMultiplier, useBias }, inputs) {
    const channels = depthOf(inputs);
    return [
      { role: 'depthwise_kernel', shape: [kernelSize, channels, depthMultiplier], channelAxis: 1, kind: 'kernel' },
      ...(useBias ? [{ role: 'bias', shape: [channels * depthMultiplier], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape: (attrs, inputs) => rowShape(attrs, inputs, depthOf(inputs) * attrs.depthMultiplier),
  macs: ({ kernelSize }, _inputs, output) => elements(output) * kernelSize,
  channels({ depthMultiplier, activation }, inputs) {
    return {
      ...activated(inputs, activation),
      sources: (channel) => [[0, Math.floor(channel / depthMultiplier)]],
      axes: [
        { role: 'depthwise_kernel', axis: 1, counts: 0, use: 'passes' },
        { role: 'bias', axis: 0, counts: 'output', use: 'passes' },
      ],
    };
  },
  forward: ({ inputs, attrs, weights }) =>
    finished(filtered(single(inputs), tensorOf(weights, 'depthwise_kernel'), attrs), weights.bias, attrs),
});

export const separableConv1D = defineOp<SeparableConv1DAttrs>({
  kind: 'SeparableConv1D',
  classes: ['SeparableConv1D', 'SeparableConvolution1D'],
  read(config, place) {
    const field = readFields(config, place);
    requirePlainConvolution(field);
    return { filters: field.integer('filters'), depthMultiplier: field.integer('depth_multiplier', 1), ...readRow(field) };
  },
  write: (attrs) => ({
    className: 'SeparableConv1D',
    config: { filters: attrs.filters, depth_multiplier: attrs.depthMultiplier, ...writeRow(attrs) },
  }),
  cannotWrite: () => 'stock TF.js has no separable convolution of sequences',
  slots({ kernelSize, depthMultiplier, filters, useBias }, inputs) {
    const channels = depthOf(inputs);
    return [
      { role: 'depthwise_kernel', shape: [kernelSize, channels, depthMultiplier], channelAxis: 1, kind: 'kernel' },
      { role: 'pointwise_kernel', shape: [1, channels * depthMultiplier, filters], channelAxis: 2, kind: 'kernel' },
      ...(useBias ? [{ role: 'bias', shape: [filters], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape: (attrs, inputs) => rowShape(attrs, inputs, attrs.filters),
  macs({ kernelSize, depthMultiplier, filters }, inputs, output) {
    return (elements(output) / filters) * depthOf(inputs) * depthMultiplier * (kernelSize + filters);
  },
  channels(attrs) {
    const depthwise = { role: 'depthwise_kernel', axis: 1, counts: 0, use: 'reads' } as const;
    const axes = [depthwise, ...kernelAxes('pointwise_kernel', 1, attrs.depthMultiplier)];
    return made(axes, attrs.activation, (filters) => ({ ...attrs, filters }));
  },
  forward({ inputs, attrs, weights }) {
    const depthwise = filtered(single(inputs), tensorOf(weights, 'depthwise_kernel'), attrs);
    const pointwise = tf.expandDims(tensorOf(weights, 'pointwise_kernel'), 0) as tf.Tensor4D;
    return finished(tf.conv2d(depthwise, pointwise, 1, 'valid'), weights.bias, attrs);
  },
});
