/** DepthwiseConv2D: every input channel has `depthMultiplier` filters of its own; output channel = channel · multiplier + m. */
import * as tf from '@tensorflow/tfjs-core';
import { activationProblem, applyActivation, splitActivation } from './activations.ts';
import { activated } from './channel-flow.ts';
import { readFields } from './config.ts';
import { type ConvolutionAttrs, convolutionShape, readConvolution, writeConvolution } from './convolution.ts';
import { defineOp, elements, knownSize, single, singleOfRank, tensorOf } from './define.ts';

export type DepthwiseConv2DAttrs = ConvolutionAttrs & { readonly depthMultiplier: number };

export const depthwiseConv2D = defineOp<DepthwiseConv2DAttrs>({
  kind: 'DepthwiseConv2D',
  classes: ['DepthwiseConv2D'],
  read(config, place) {
    const field = readFields(config, place);
    return { depthMultiplier: field.integer('depth_multiplier', 1), ...readConvolution(field) };
  },
  write: (attrs) => ({
    className: 'DepthwiseConv2D',
    config: { depth_multiplier: attrs.depthMultiplier, ...writeConvolution(attrs) },
  }),
  cannotWrite: ({ dilation, activation }) =>
    Math.max(...dilation) > 1 ? 'stock TF.js ignores the dilation of a DepthwiseConv2D' : activationProblem(activation),
  slots(attrs, inputs) {
    const channels = knownSize(singleOfRank(inputs, 3), 2);
    return [
      { role: 'depthwise_kernel', shape: [...attrs.kernelSize, channels, attrs.depthMultiplier], channelAxis: 2, kind: 'kernel' },
      ...(attrs.useBias
        ? [{ role: 'bias', shape: [channels * attrs.depthMultiplier], channelAxis: 0, kind: 'vector' } as const]
        : []),
    ];
  },
  shape: (attrs, inputs) => convolutionShape(attrs, inputs, knownSize(singleOfRank(inputs, 3), 2) * attrs.depthMultiplier),
  macs: ({ kernelSize }, _inputs, output) => elements(output) * kernelSize[0] * kernelSize[1],
  channels({ depthMultiplier, activation }, inputs) {
    return {
      ...activated(inputs, activation),
      sources: (channel) => [[0, Math.floor(channel / depthMultiplier)]],
      axes: [
        { role: 'depthwise_kernel', axis: 2, counts: 0, use: 'passes' },
        { role: 'bias', axis: 0, counts: 'output', use: 'passes' },
      ],
    };
  },
  forward({ inputs, attrs, weights }) {
    const { fused, after } = splitActivation(attrs.activation);
    const y = tf.fused.depthwiseConv2d({
      x: single(inputs) as tf.Tensor4D,
      filter: tensorOf(weights, 'depthwise_kernel') as tf.Tensor4D,
      strides: [...attrs.strides],
      pad: attrs.padding,
      dilations: [...attrs.dilation],
      ...(weights.bias === undefined ? {} : { bias: weights.bias }),
      activation: fused,
    });
    return after === null ? y : applyActivation(y, after);
  },
});
