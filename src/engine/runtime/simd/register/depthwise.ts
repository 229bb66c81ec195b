/** Depthwise convolutions and their gradients; filters are [height, width, channels, multiplier]. */
import * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';
import {
  depthwise,
  depthwiseFilterGradient,
  depthwiseFilterParts,
  depthwiseFilterSum,
  depthwiseInputGradient,
} from '../kernels/depthwise.ts';
import { activate, clampOf, type FusedAttrs } from './activation.ts';
import { define, isFloat, sizeOf } from './define.ts';
import { type Shape4, type WindowAttrs, windowShape, windowWork } from './window.ts';

function forward(
  backend: SimdBackend,
  { x, filter, bias }: { x: tf.TensorInfo; filter: tf.TensorInfo; bias?: tf.TensorInfo },
  attrs: WindowAttrs & FusedAttrs,
): tf.TensorInfo | undefined {
  const shape = windowShape(x.shape, filter.shape, attrs, true);
  const odd = bias !== undefined && sizeOf(bias) !== shape?.outChannels;
  if (shape === undefined || odd || !isFloat(x) || !isFloat(filter)) return undefined;
  const y = backend.allocate([shape.batch, shape.outHeight, shape.outWidth, shape.outChannels]);
  const args = {
    shape,
    x: backend.addressOf(x),
    filter: backend.addressOf(filter),
    y: backend.addressOf(y),
    ...(bias === undefined ? {} : { bias: backend.addressOf(bias) }),
    clamp: clampOf(attrs.activation) ?? 'linear',
  };
  backend.machine.run(depthwise, args, windowWork(shape, shape.outChannels));
  return y;
}

export function registerDepthwise(): void {
  define<'x' | 'filter', WindowAttrs>('DepthwiseConv2dNative', ({ backend, inputs, attrs }) => forward(backend, inputs, attrs));
  define<'x' | 'filter' | 'bias' | 'preluActivationWeights', WindowAttrs & FusedAttrs>(
    'FusedDepthwiseConv2D',
    ({ backend, inputs, attrs }) => {
      const y = forward(backend, inputs, attrs);
      return y && activate(backend, y, attrs, inputs.preluActivationWeights);
    },
  );
  define<'dy' | 'filter', WindowAttrs & { readonly inputShape: Shape4 }>(
    'DepthwiseConv2dNativeBackpropInput',
    ({ backend, inputs: { dy, filter }, attrs }) => {
      const shape = windowShape(attrs.inputShape, filter.shape, attrs, true);
      if (shape === undefined || !isFloat(dy) || !isFloat(filter)) return undefined;
      const dx = backend.allocate(attrs.inputShape);
      const args = { shape, dy: backend.addressOf(dy), filter: backend.addressOf(filter), dx: backend.addressOf(dx) };
      backend.machine.run(depthwiseInputGradient, args, windowWork(shape, shape.outChannels));
      return dx;
    },
  );
  define<'x' | 'dy', WindowAttrs & { readonly filterShape: Shape4 }>(
    'DepthwiseConv2dNativeBackpropFilter',
    ({ backend, inputs: { x, dy }, attrs }) => {
      const shape = windowShape(x.shape, attrs.filterShape, attrs, true);
      if (shape === undefined || !isFloat(x) || !isFloat(dy)) return undefined;
      const gradient = backend.allocate(attrs.filterShape);
      const parts = depthwiseFilterParts(shape);
      const size = tf.util.sizeFromShape(attrs.filterShape);
      backend.machine.borrow(4 * size * parts, (workspace) => {
        const args = { shape, x: backend.addressOf(x), dy: backend.addressOf(dy), parts: workspace };
        backend.machine.run(depthwiseFilterGradient, args, windowWork(shape, shape.outChannels));
        const [sum, sums] = depthwiseFilterSum(args, backend.addressOf(gradient));
        backend.machine.run(sum, sums, size * parts);
      });
      return gradient;
    },
  );
}
