/**
 * y = factor · x + shift per channel, for a BatchNormalization that nothing before it can take in and for Rescaling: a depthwise 1×1
 * convolution, which is one operator whatever its numbers are stored as (MUL and ADD would need a grid between them).
 */

import { axisOf } from '../../../../model/ops/define.ts';
import type { RescalingAttrs } from '../../../../model/ops/rescaling.ts';
import type { FlowTensor, KernelTensor } from '../graph.ts';
import { notWritable } from '../refusal.ts';
import type { Layer, Lowering } from './builder.ts';

export function scaleChannels(
  layer: Layer,
  input: FlowTensor,
  factors: ArrayLike<number>,
  shift: ArrayLike<number>,
  last: boolean,
) {
  const channels = factors.length;
  const flat = input.shape.length === 4 ? input.shape : [1, 1, input.shape.slice(1, -1).reduce((a, b) => a * b, 1), channels];
  const kernel: KernelTensor = {
    kind: 'kernel',
    name: layer.name('factor'),
    shape: [1, 1, 1, channels],
    values: Float32Array.from(factors),
    axis: 3,
    codes: null,
    origin: null,
  };
  const whole = flat.length === input.shape.length && last;
  const y = layer.emit('DEPTHWISE_CONV_2D', [layer.reshape(input, flat), kernel, layer.vector('shift', shift)], {
    ...(whole ? { last } : { shape: flat }),
    options: {
      table: 'DepthwiseConv2DOptions',
      padding: 'VALID',
      strides: [1, 1],
      dilation: [1, 1],
      multiplier: 1,
      fused: layer.fused,
    },
  });
  return whole ? y : layer.reshape(y, input.shape, last);
}

export const batchNormalization: Lowering = (layer) => {
  const { factors, shift } = layer.normalizationOf(layer.node);
  if (factors.some((factor) => !Number.isFinite(factor))) {
    const remedy = 'Train the normalization further, or remove it in Keras, and open the model again.';
    throw notWritable(layer.node.name, 'its variance plus epsilon is not positive', remedy);
  }
  const input = layer.input();
  const axis = axisOf(Number(layer.node.attrs.axis), input.shape.length);
  if (axis === input.shape.length - 1) return scaleChannels(layer, input, factors, shift(), true);
  const order = [...input.shape.keys()];
  order.push(...order.splice(axis, 1));
  const turned = scaleChannels(layer, layer.transpose(input, order), factors, shift(), false);
  const back = order.map((_, index) => order.indexOf(index));
  return layer.transpose(turned, back, true);
};

export const rescaling: Lowering = (layer) => {
  const { scale, offset } = layer.node.attrs as RescalingAttrs;
  const channels = layer.input().shape.at(-1) ?? 1;
  const each = (factor: number | readonly number[]) =>
    Float32Array.from({ length: channels }, (_, c) => (typeof factor === 'number' ? factor : (factor[c] ?? factor[0] ?? 0)));
  return scaleChannels(layer, layer.input(), each(scale), each(offset), true);
};
