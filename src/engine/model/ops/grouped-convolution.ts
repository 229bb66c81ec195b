/**
 * Convolutions in groups (Krizhevsky et al. 2012): channels and filters are cut into as many equal parts, and each part of the filters sees
 * its own part of the channels. Keras writes them as Conv1D and Conv2D with `groups`; the kernel is [..., in / groups, out].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ChannelFlow } from '../op.ts';
import { kernelAxes, made } from './channel-flow.ts';
import { readFields, requireChannelsLast } from './config.ts';
import { type Conv1DAttrs, conv1DShape, onOneRow, padCausally, readConv1D, writeConv1D } from './conv1d.ts';
import { biased, type ConvolutionAttrs, convolutionShape, readConvolution, writeConvolution } from './convolution.ts';
import { defineOp, elements, knownSize, shapeMismatch, single, singleOfRank, tensorOf } from './define.ts';

type Grouped = { readonly filters: number; readonly groups: number };
type GroupedConv1DAttrs = Conv1DAttrs & Grouped;
export type GroupedConv2DAttrs = ConvolutionAttrs & Grouped;

const problem = (): string => 'stock TF.js has no convolution in groups';

/** Channels that one filter sees. */
function channelsSeen({ groups, filters }: Grouped, channels: number): number {
  if (channels % groups === 0 && filters % groups === 0) return channels / groups;
  throw shapeMismatch(`${groups} groups do not divide ${channels} channels and ${filters} filters.`);
}

/** Cut alike: a channel stands for its like in every group, and so does a filter. */
function flow(attrs: (GroupedConv1DAttrs | GroupedConv2DAttrs) & Grouped, inputAxis: number, channels: number): ChannelFlow {
  const axes = kernelAxes('kernel', inputAxis);
  return {
    ...made(axes, attrs.activation, (filters) => ({ ...attrs, filters })),
    couples: [
      { of: 0, step: channels / attrs.groups },
      { of: 'output', step: attrs.filters / attrs.groups },
    ],
  };
}

interface Windows {
  readonly strides: readonly [number, number];
  readonly padding: 'valid' | 'same';
  readonly dilation: readonly [number, number];
}

/** x [batch, height, width, in], kernel [kh, kw, in / groups, out]. */
function convolve(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number, { strides, padding, dilation }: Windows): tf.Tensor4D {
  const [height, width, seen, filters] = kernel.shape;
  const [stride, steps]: [[number, number], [number, number]] = [[...strides], [...dilation]];
  if (seen === 1) {
    const filter = tf.reshape(kernel, [height, width, groups, filters / groups]) as tf.Tensor4D;
    return tf.depthwiseConv2d(x, filter, stride, padding, 'NHWC', steps);
  }
  const kernels = tf.split(kernel, groups, 3);
  const parts = tf.split(x, groups, 3).map((part, i) => {
    return tf.conv2d(part as tf.Tensor4D, kernels[i] as tf.Tensor4D, stride, padding, 'NHWC', steps);
  });
  return tf.concat4d(parts, 3);
}

export const groupedConv1D = defineOp<GroupedConv1DAttrs>({
  kind: 'GroupedConv1D',
  classes: ['GroupedConv1D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { ...readConv1D(field), groups: field.integer('groups') };
  },
  write: (attrs) => ({ className: 'Conv1D', config: { ...writeConv1D(attrs), groups: attrs.groups } }),
  cannotWrite: problem,
  slots(attrs, inputs) {
    const seen = channelsSeen(attrs, knownSize(singleOfRank(inputs, 2), 1));
    return [
      { role: 'kernel', shape: [attrs.kernelSize, seen, attrs.filters], channelAxis: 2, kind: 'kernel' },
      ...(attrs.useBias ? [{ role: 'bias', shape: [attrs.filters], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape(attrs, inputs) {
    channelsSeen(attrs, knownSize(singleOfRank(inputs, 2), 1));
    return conv1DShape(attrs, inputs);
  },
  macs: (attrs, inputs, output) => (elements(output) * attrs.kernelSize * knownSize(single(inputs), 1)) / attrs.groups,
  channels: (attrs, inputs) => flow(attrs, 1, knownSize(single(inputs), 1)),
  forward({ inputs, attrs, weights }) {
    const x = padCausally(single(inputs) as tf.Tensor3D, attrs);
    const kernel = tf.expandDims(tensorOf(weights, 'kernel'), 0) as tf.Tensor4D;
    const y = convolve(tf.expandDims(x, 1), kernel, attrs.groups, onOneRow(attrs));
    return biased(tf.squeeze(y, [1]), weights.bias, attrs.activation);
  },
});

export const groupedConv2D = defineOp<GroupedConv2DAttrs>({
  kind: 'GroupedConv2D',
  classes: ['GroupedConv2D'],
  read(config, place) {
    const field = readFields(config, place);
    return { filters: field.integer('filters'), groups: field.integer('groups'), ...readConvolution(field, true) };
  },
  write: (attrs) => ({
    className: 'Conv2D',
    config: { filters: attrs.filters, groups: attrs.groups, ...writeConvolution(attrs) },
  }),
  cannotWrite: problem,
  slots(attrs, inputs) {
    const seen = channelsSeen(attrs, knownSize(singleOfRank(inputs, 3), 2));
    return [
      { role: 'kernel', shape: [...attrs.kernelSize, seen, attrs.filters], channelAxis: 3, kind: 'kernel' },
      ...(attrs.useBias ? [{ role: 'bias', shape: [attrs.filters], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape(attrs, inputs) {
    channelsSeen(attrs, knownSize(singleOfRank(inputs, 3), 2));
    return convolutionShape(attrs, inputs, attrs.filters);
  },
  macs: ({ kernelSize, groups }, inputs, output) =>
    (elements(output) * kernelSize[0] * kernelSize[1] * knownSize(single(inputs), 2)) / groups,
  channels: (attrs, inputs) => flow(attrs, 2, knownSize(single(inputs), 2)),
  forward: ({ inputs, attrs, weights }) =>
    biased(
      convolve(single(inputs) as tf.Tensor4D, tensorOf(weights, 'kernel') as tf.Tensor4D, attrs.groups, attrs),
      weights.bias,
      attrs.activation,
    ),
});
