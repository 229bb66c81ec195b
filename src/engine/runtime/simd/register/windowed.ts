/** What convolutions and depthwise convolutions have in common: from tensors to the arguments of a kernel and its two gradients. */
import * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';
import type { ConvolutionArgs, FilterGradientArgs, InputGradientArgs, WindowShape } from '../kernels/convolution.ts';
import type { SimdKernel } from '../kernels/kernel.ts';
import type { SumPartsArgs } from '../kernels/sums.ts';
import { activate, clampOf, type FusedAttrs } from './activation.ts';
import { define, isFloat, sizeOf } from './define.ts';
import { type Shape4, type WindowAttrs, windowShape, windowWork } from './window.ts';

export interface Windowed {
  /** TF.js' names of the kernels. */
  readonly names: Readonly<Record<'plain' | 'fused' | 'input' | 'filter', string>>;
  readonly depthwise: boolean;
  readonly forward: SimdKernel<ConvolutionArgs>;
  readonly inputGradient: (shape: WindowShape) => SimdKernel<InputGradientArgs>;
  readonly filterGradient: SimdKernel<FilterGradientArgs>;
  /** How many parts a filter's gradient is summed in, and what adds them up. */
  readonly parts: (shape: WindowShape) => number;
  readonly sum: (args: FilterGradientArgs, gradient: number) => readonly [SimdKernel<SumPartsArgs>, SumPartsArgs];
  /** Multiply-adds at each place of the output and of the window. */
  readonly perPlace: (shape: WindowShape) => number;
}

type Filtered = { readonly x: tf.TensorInfo; readonly filter: tf.TensorInfo; readonly bias?: tf.TensorInfo };

/** Registers the four kernels. Each leaves to the plain one what it does not know. */
export function registerWindowed(windowed: Windowed): void {
  const { names, depthwise, inputGradient, filterGradient, parts, sum } = windowed;
  const workOf = (shape: WindowShape) => windowWork(shape, windowed.perPlace(shape));
  function forward(
    backend: SimdBackend,
    { x, filter, bias }: Filtered,
    attrs: WindowAttrs & FusedAttrs,
  ): tf.TensorInfo | undefined {
    const shape = windowShape(x.shape, filter.shape, attrs, depthwise);
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
    backend.machine.run(windowed.forward, args, workOf(shape));
    return y;
  }
  define<'x' | 'filter', WindowAttrs>(names.plain, ({ backend, inputs, attrs }) => forward(backend, inputs, attrs));
  define<'x' | 'filter' | 'bias' | 'preluActivationWeights', WindowAttrs & FusedAttrs>(
    names.fused,
    ({ backend, inputs, attrs }) => {
      const y = forward(backend, inputs, attrs);
      return y && activate(backend, y, attrs, inputs.preluActivationWeights);
    },
  );
  define<'dy' | 'filter', WindowAttrs & { readonly inputShape: Shape4 }>(
    names.input,
    ({ backend, inputs: { dy, filter }, attrs }) => {
      const shape = windowShape(attrs.inputShape, filter.shape, attrs, depthwise);
      if (shape === undefined || !isFloat(dy) || !isFloat(filter)) return undefined;
      const dx = backend.allocate(attrs.inputShape);
      const args = { shape, dy: backend.addressOf(dy), filter: backend.addressOf(filter), dx: backend.addressOf(dx) };
      backend.machine.run(inputGradient(shape), args, workOf(shape));
      return dx;
    },
  );
  define<'x' | 'dy', WindowAttrs & { readonly filterShape: Shape4 }>(names.filter, ({ backend, inputs: { x, dy }, attrs }) => {
    const shape = windowShape(x.shape, attrs.filterShape, attrs, depthwise);
    if (shape === undefined || !isFloat(x) || !isFloat(dy)) return undefined;
    const gradient = backend.allocate(attrs.filterShape);
    const numbers = tf.util.sizeFromShape(attrs.filterShape) * parts(shape);
    backend.machine.borrow(4 * numbers, (workspace) => {
      const args = { shape, x: backend.addressOf(x), dy: backend.addressOf(dy), parts: workspace };
      backend.machine.run(filterGradient, args, workOf(shape));
      backend.machine.run(...sum(args, backend.addressOf(gradient)), numbers);
    });
    return gradient;
  });
}
