/** Functions of one and of two numbers, where an operand is as large as the result or is stretched along some axes in a row. */
import * as tf from '@tensorflow/tfjs-core';
import { clampKernels } from '../../clamp-gradient.ts';
import type { SimdBackend } from '../backend.ts';
import {
  type BinaryArgs,
  type BinaryOperation,
  binary,
  type Spread,
  type UnaryOperation,
  unary,
} from '../kernels/elementwise.ts';
import { call, define, isFloat, reshaped, sizeOf } from './define.ts';

type Layout = Pick<BinaryArgs, 'planes' | 'rows' | 'length' | 'spreadA' | 'spreadB'>;

/** A result of this shape with an operand stretched to it along some axes in a row; undefined where there are others between. */
function stretch(own: readonly number[], shape: readonly number[], which: 'spreadA' | 'spreadB'): Layout | undefined {
  const wide = shape.map((size, axis) => size !== (own[axis - shape.length + own.length] ?? 1));
  const first = wide.indexOf(true);
  const end = wide.lastIndexOf(true) + 1;
  if (shape.slice(first, end).some((size, i) => size !== 1 && !wide[first + i])) return undefined;
  const product = (from: number, to?: number) => tf.util.sizeFromShape(shape.slice(from, to));
  const [outer, stretched, inner] = [product(0, first), product(first, end), product(end)];
  return inner === 1
    ? { rows: outer, length: stretched, [which]: 'column' }
    : { planes: outer, rows: stretched, length: inner, [which]: 'row' };
}

/** One operation over tensors of numbers; undefined where both operands are stretched, or one in several places. */
export function combine(
  backend: SimdBackend,
  operation: BinaryOperation,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
): tf.TensorInfo | undefined {
  if (!isFloat(a) || !isFloat(b)) return undefined;
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const size = tf.util.sizeFromShape(shape);
  const flat = (x: tf.TensorInfo): Spread | undefined => (sizeOf(x) === size ? 'full' : sizeOf(x) === 1 ? 'scalar' : undefined);
  const [spreadA, spreadB] = [flat(a), flat(b)];
  let layout: Layout | undefined;
  if (spreadA !== undefined && spreadB !== undefined) layout = { rows: Math.min(1, size), length: size, spreadA, spreadB };
  else if (spreadA === 'full') layout = stretch(b.shape, shape, 'spreadB');
  else if (spreadB === 'full') layout = stretch(a.shape, shape, 'spreadA');
  if (layout === undefined) return undefined;
  const y = backend.allocate(shape);
  const [from, other, to] = [backend.addressOf(a), backend.addressOf(b), backend.addressOf(y)];
  backend.machine.run(binary, { operation, a: from, b: other, y: to, ...layout }, size);
  return y;
}

/** A function of each number; undefined where they are no floats. */
export function map(
  backend: SimdBackend,
  operation: UnaryOperation,
  x: tf.TensorInfo,
  scale = 1,
  shift = 0,
): tf.TensorInfo | undefined {
  if (!isFloat(x)) return undefined;
  const y = backend.allocate(x.shape);
  const count = sizeOf(x);
  backend.machine.run(unary, { operation, x: backend.addressOf(x), y: backend.addressOf(y), count, scale, shift }, count);
  return y;
}

const ofTwo: Readonly<Record<string, BinaryOperation>> = {
  Add: 'add',
  Sub: 'subtract',
  Multiply: 'multiply',
  RealDiv: 'divide',
  Maximum: 'maximum',
  Minimum: 'minimum',
  SquaredDifference: 'squaredDifference',
};

const ofOne: Readonly<Record<string, UnaryOperation>> = {
  Neg: 'negative',
  Abs: 'absolute',
  Sqrt: 'squareRoot',
  Rsqrt: 'reciprocalSquareRoot',
  Square: 'square',
  Reciprocal: 'reciprocal',
  Relu: 'relu',
  Relu6: 'relu6',
  Exp: 'exp',
  Log: 'log',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Elu: 'elu',
};

/** Gradients by the output; a clamp's input does as well. */
const slopes: Readonly<Record<string, BinaryOperation>> = {
  [clampKernels.relu]: 'reluGradient',
  [clampKernels.relu6]: 'relu6Gradient',
  EluGrad: 'eluGradient',
  SigmoidGradient: 'sigmoidGradient',
  TanhGradient: 'tanhGradient',
};

export function registerElementwise(): void {
  for (const [name, operation] of Object.entries(ofTwo)) {
    define<'a' | 'b', object>(name, ({ backend, inputs: { a, b } }) => combine(backend, operation, a, b));
  }
  for (const [name, operation] of Object.entries(ofOne)) {
    define<'x', object>(name, ({ backend, inputs: { x } }) => map(backend, operation, x));
  }
  define<'x', { readonly clipValueMin: number; readonly clipValueMax: number }>(
    'ClipByValue',
    ({ backend, inputs: { x }, attrs: { clipValueMin, clipValueMax } }) => map(backend, 'clip', x, clipValueMin, clipValueMax),
  );
  for (const [name, operation] of Object.entries(slopes)) {
    define<'dy' | 'y', object>(name, ({ backend, inputs: { dy, y } }) => combine(backend, operation, dy, y));
  }
  // The plain kernel renames whole numbers to floats, which here have other bits.
  define<'x', { readonly dtype: tf.DataType }>('Cast', ({ backend, inputs: { x }, attrs: { dtype } }) => {
    if (x.dtype === dtype) return reshaped(backend, x, x.shape);
    const whole = x.dtype === 'int32' || x.dtype === 'bool';
    if (!whole || (dtype !== 'float32' && dtype !== 'int32')) return undefined;
    const y = backend.allocate(x.shape, dtype);
    backend.valuesOf(y).set(backend.valuesOf(x));
    return y;
  });
  define<string, object>('AddN', ({ backend, inputs }) => {
    const terms = Object.values(inputs) as tf.TensorInfo[];
    if (!terms.every(isFloat)) return undefined;
    const [first, ...rest] = terms as [tf.TensorInfo, ...tf.TensorInfo[]];
    return rest.reduce(
      (sum, term) => {
        const next = call(backend, 'Add', { a: sum, b: term });
        backend.disposeData(sum.dataId);
        return next;
      },
      reshaped(backend, first, first.shape),
    );
  });
}
