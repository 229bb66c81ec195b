/** Maxima and means over windows, and their gradients. */
import * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';
import { type PoolKind, pool, poolGradient } from '../kernels/pool.ts';
import { define, isFloat } from './define.ts';
import { type Shape4, shapeOf, windowWork } from './window.ts';

interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function windowsOf(x: tf.TensorInfo, { filterSize, strides, pad, dimRoundingMode }: PoolAttrs) {
  return tf.backend_util.computePool2DInfo(x.shape as Shape4, filterSize, strides, 1, pad, dimRoundingMode);
}

function forward(kind: PoolKind, backend: SimdBackend, x: tf.TensorInfo, attrs: PoolAttrs): tf.TensorInfo | undefined {
  if (!isFloat(x)) return undefined;
  const info = windowsOf(x, attrs);
  const y = backend.allocate(info.outShape);
  const shape = shapeOf(info);
  const args = { shape, kind, x: backend.addressOf(x), y: backend.addressOf(y) };
  backend.machine.run(pool, args, windowWork(shape, shape.inChannels));
  return y;
}

function backward(
  kind: PoolKind,
  backend: SimdBackend,
  { dy, input }: { dy: tf.TensorInfo; input: tf.TensorInfo },
  attrs: PoolAttrs,
): tf.TensorInfo | undefined {
  const info = windowsOf(input, attrs);
  if (!isFloat(input) || !isFloat(dy)) return undefined;
  const dx = backend.allocate(input.shape);
  const shape = shapeOf(info);
  const args = { shape, kind, x: backend.addressOf(input), dy: backend.addressOf(dy), dx: backend.addressOf(dx) };
  backend.machine.run(poolGradient, args, windowWork(shape, shape.inChannels));
  return dx;
}

export function registerPools(): void {
  for (const [name, kind] of [
    ['MaxPool', 'max'],
    ['AvgPool', 'mean'],
  ] as const) {
    define<'x', PoolAttrs>(name, ({ backend, inputs: { x }, attrs }) => forward(kind, backend, x, attrs));
    define<'dy' | 'input', PoolAttrs>(`${name}Grad`, ({ backend, inputs, attrs }) => backward(kind, backend, inputs, attrs));
  }
}
