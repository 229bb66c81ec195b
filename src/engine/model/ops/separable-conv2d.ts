/** SeparableConv2D: a depthwise convolution, then a 1×1 convolution with bias and activation. Strides and dilation belong to the first. */
import * as tf from '@tensorflow/tfjs-core';
import { activationProblem } from './activations.ts';
import { kernelAxes, made } from './channel-flow.ts';
import { readFields } from './config.ts';
import { type ConvolutionAttrs, convolutionShape, fusedConvolution, readConvolution, writeConvolution } from './convolution.ts';
import { defineOp, elements, knownSize, single, singleOfRank, tensorOf } from './define.ts';

export type SeparableConv2DAttrs = ConvolutionAttrs & { readonly filters: number; readonly depthMultiplier: number };

export const separableConv2D = defineOp<SeparableConv2DAttrs>({
  kind: 'SeparableConv2D',
  classes: ['SeparableConv2D', 'SeparableConvolution2D'],
  read(config, place) {
    const field = readFields(config, place);
    return {
      filters: field.integer('filters'),
      depthMultiplier: field.integer('depth_multiplier', 1),
      ...readConvolution(field),
    };
  },
  write: (attrs) => ({
    className: 'SeparableConv2D',
    config: { filters: attrs.filters, depth_multiplier: attrs.depthMultiplier, ...writeConvolution(attrs) },
  }),
  cannotWrite: ({ activation }) => activationProblem(activation),
  slots(attrs, inputs) {
    const channels = knownSize(singleOfRank(inputs, 3), 2);
    const { kernelSize, depthMultiplier, filters } = attrs;
    return [
      { role: 'depthwise_kernel', shape: [...kernelSize, channels, depthMultiplier], channelAxis: 2, kind: 'kernel' },
      { role: 'pointwise_kernel', shape: [1, 1, channels * depthMultiplier, filters], channelAxis: 3, kind: 'kernel' },
      ...(attrs.useBias ? [{ role: 'bias', shape: [filters], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape: (attrs, inputs) => convolutionShape(attrs, inputs, attrs.filters),
  macs({ kernelSize, depthMultiplier, filters }, inputs, output) {
    const intermediate = (elements(output) / filters) * knownSize(single(inputs), 2) * depthMultiplier;
    return intermediate * (kernelSize[0] * kernelSize[1] + filters);
  },
  channels(attrs) {
    const depthwise = { role: 'depthwise_kernel', axis: 2, counts: 0, use: 'reads' } as const;
    const axes = [depthwise, ...kernelAxes('pointwise_kernel', 2, attrs.depthMultiplier)];
    return made(axes, attrs.activation, (filters) => ({ ...attrs, filters }));
  },
  forward({ inputs, attrs, weights }) {
    const depthwise = tf.depthwiseConv2d(
      single(inputs) as tf.Tensor4D,
      tensorOf(weights, 'depthwise_kernel') as tf.Tensor4D,
      [...attrs.strides],
      attrs.padding,
      'NHWC',
      [...attrs.dilation],
    );
    return fusedConvolution(depthwise, tensorOf(weights, 'pointwise_kernel'), weights.bias, {
      strides: [1, 1],
      padding: 'valid',
      dilation: [1, 1],
      activation: attrs.activation,
    });
  },
});
