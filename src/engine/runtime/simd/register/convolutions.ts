/** Convolutions of pictures [batch, height, width, channels] and their gradients, of any stride, padding and dilation. */
import * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';
import {
  convolution,
  convolutionInputGradient,
  filterGradient,
  filterParts,
  filterSum,
  type WindowShape,
} from '../kernels/convolution.ts';
import { activate, clampOf, type FusedAttrs } from './activation.ts';
import { define, isFloat, sizeOf } from './define.ts';
import { type Shape4, type WindowAttrs, windowShape, windowWork } from './window.ts';

const workOf = (shape: WindowShape): number => windowWork(shape, shape.inChannels * shape.outChannels);

function forward(
  backend: SimdBackend,
  { x, filter, bias }: { x: tf.TensorInfo; filter: tf.TensorInfo; bias?: tf.TensorInfo },
  attrs: WindowAttrs & FusedAttrs,
): tf.TensorInfo | undefined {
  const shape = windowShape(x.shape, filter.shape, attrs);
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
  backend.machine.run(convolution, args, workOf(shape));
  return y;
}

function toInput(
  backend: SimdBackend,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  attrs: WindowAttrs & { readonly inputShape: Shape4 },
): tf.TensorInfo | undefined {
  const shape = windowShape(attrs.inputShape, filter.shape, attrs);
  if (shape === undefined || !isFloat(dy) || !isFloat(filter)) return undefined;
  const dx = backend.allocate(attrs.inputShape);
  const args = { shape, dy: backend.addressOf(dy), filter: backend.addressOf(filter), dx: backend.addressOf(dx) };
  backend.machine.run(convolutionInputGradient, args, workOf(shape));
  return dx;
}

function toFilter(
  backend: SimdBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  attrs: WindowAttrs & { readonly filterShape: Shape4 },
): tf.TensorInfo | undefined {
  const shape = windowShape(x.shape, attrs.filterShape, attrs);
  if (shape === undefined || !isFloat(x) || !isFloat(dy)) return undefined;
  const gradient = backend.allocate(attrs.filterShape);
  const size = tf.util.sizeFromShape(attrs.filterShape);
  backend.machine.borrow(4 * size * filterParts(shape), (parts) => {
    const args = { shape, x: backend.addressOf(x), dy: backend.addressOf(dy), parts };
    backend.machine.run(filterGradient, args, workOf(shape));
    const [sum, sums] = filterSum(args, backend.addressOf(gradient));
    backend.machine.run(sum, sums, size * filterParts(shape));
  });
  return gradient;
}

export function registerConvolutions(): void {
  define<'x' | 'filter', WindowAttrs>('Conv2D', ({ backend, inputs, attrs }) => forward(backend, inputs, attrs));
  define<'x' | 'filter' | 'bias' | 'preluActivationWeights', WindowAttrs & FusedAttrs>(
    'FusedConv2D',
    ({ backend, inputs, attrs }) => {
      const y = forward(backend, inputs, attrs);
      return y && activate(backend, y, attrs, inputs.preluActivationWeights);
    },
  );
  define<'dy' | 'filter', WindowAttrs & { readonly inputShape: Shape4 }>(
    'Conv2DBackpropInput',
    ({ backend, inputs: { dy, filter }, attrs }) => toInput(backend, dy, filter, attrs),
  );
  define<'x' | 'dy', WindowAttrs & { readonly filterShape: Shape4 }>(
    'Conv2DBackpropFilter',
    ({ backend, inputs: { x, dy }, attrs }) => toFilter(backend, x, dy, attrs),
  );
}
