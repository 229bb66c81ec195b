/**
 * Layers whose gradient in TF.js 4.22 is wrong or missing, found by central differences. An average over a window that reaches beyond the
 * border divides by the pixels inside, where TF.js' gradient divides by the whole window; repeating pixels sums their gradients. Dilated
 * convolutions are refused by name. Undefined for every other layer.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Node } from '../model/model.ts';
import { opOf } from '../model/ops/index.ts';
import type { TimeDistributedAttrs } from '../model/ops/time-distributed.ts';

/** Why no gradient flows through a layer, one clause; undefined where one does. */
export function withoutGradient({ name, op, attrs }: Pick<Node, 'name' | 'op' | 'attrs'>): string | undefined {
  if (op === 'TimeDistributed') {
    // What needs a gradient or statistics of its own as a layer has none within one.
    const { inner } = attrs as TimeDistributedAttrs;
    const special = /^(AveragePooling|UpSampling|BatchNormalization)/.test(inner.op);
    if (special)
      return `The layer "${name}" runs a ${inner.op} on every step, whose training is only known for the layer itself.`;
    return withoutGradient({ name, op: inner.op, attrs: inner.attrs });
  }
  if (op === 'AveragePooling3D' && attrs.padding === 'same') {
    return `TF.js has no right gradient for the average pooling "${name}", whose windows reach beyond the volume.`;
  }
  if ([attrs.dilation ?? 1].flat().some((step) => step !== 1)) {
    return `TF.js has no gradient for the dilated convolution "${name}".`;
  }
  return undefined;
}

/** One of these layers on the tape. */
export function spatialLayer(node: Node, inputs: readonly tf.Tensor[]): tf.Tensor | undefined {
  const [x] = inputs;
  if (x === undefined) return undefined;
  const { attrs, op } = node;
  const average = op === 'AveragePooling1D' || op === 'AveragePooling2D';
  const repeats = op === 'UpSampling2D' && attrs.interpolation === 'nearest';
  if (!(average && attrs.padding === 'same') && !repeats) return undefined;
  const { shape } = x;
  const onTape = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([input]);
    const value = opOf(op).forward({ inputs: [input], attrs, weights: {}, training: true });
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      average
        ? averageGradient(dy, saved[0] as tf.Tensor, attrs as { poolSize: number[]; strides: number[] })
        : repeatGradient(dy, attrs.size as [number, number], shape);
    return { value, gradFunc };
  });
  return onTape(x);
}

/** TF.js' own gradient, with dy made larger where a window has fewer pixels than its size. */
function averageGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  { poolSize, strides }: { poolSize: number[]; strides: number[] },
): tf.Tensor {
  const flat = x.rank === 3;
  const picture = (tensor: tf.Tensor) => (flat ? tf.expandDims(tensor, 2) : tensor) as tf.Tensor4D;
  const filterSize = [poolSize[0] ?? 1, poolSize[1] ?? 1] as [number, number];
  const steps = [strides[0] ?? 1, strides[1] ?? 1] as [number, number];
  const input = picture(x);
  const geometry = tf.backend_util.computePool2DInfo(input.shape, filterSize, steps, 1, 'same');
  const { outHeight, outWidth, padInfo } = geometry;
  const inside = (at: number, size: number, step: number, before: number, length: number) =>
    Math.min(length, at * step - before + size) - Math.max(0, at * step - before);
  const factors = Float32Array.from({ length: outHeight * outWidth }, (_, i) => {
    const rows = inside(Math.floor(i / outWidth), filterSize[0], steps[0], padInfo.top, geometry.inHeight);
    const columns = inside(i % outWidth, filterSize[1], steps[1], padInfo.left, geometry.inWidth);
    return (filterSize[0] * filterSize[1]) / (rows * columns);
  });
  const scaled = tf.mul(picture(dy), tf.tensor(factors, [1, outHeight, outWidth, 1]));
  const attrs = { filterSize, strides: steps, pad: 'same' } as unknown as tf.NamedAttrMap;
  const gradient = tf.engine().runKernel('AvgPoolGrad', { dy: scaled, input }, attrs) as tf.Tensor;
  return flat ? tf.squeeze(gradient, [2]) : gradient;
}

/** The sum over each pixel's copies. */
function repeatGradient(dy: tf.Tensor, size: [number, number], shape: readonly number[]): tf.Tensor {
  const mean = tf.avgPool(dy as tf.Tensor4D, size, size, 'valid');
  return tf.reshape(tf.mul(mean, size[0] * size[1]), [...shape]);
}
