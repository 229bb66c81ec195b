/** Functions of one and of two numbers, where an operand is as large as the result or is stretched along some axes in a row. */
import * as tf from '@tensorflow/tfjs-core';
import { clampKernels } from '../../clamp-gradient.ts';
import type { SimdBackend } from '../backend.ts';
import { type BinaryOperation, binary, type Spread, type UnaryOperation, unary } from '../kernels/elementwise.ts';
import { call, define, isFloat, reshaped, sizeOf } from './define.ts';

/** A result as [outer, stretched, inner], and which operand has one number for all of `stretched`. */
interface Stretch {
  readonly outer: number;
  readonly stretched: number;
  readonly inner: number;
}

/** Where an operand of this shape is stretched to `shape`; undefined where it is in several places. */
function stretchOf(own: readonly number[], shape: readonly number[]): Stretch | undefined {
  const sizes = shape.map((_, axis) => own[axis - shape.length + own.length] ?? 1);
  const wide = shape.map((size, axis) => size !== sizes[axis]);
  const first = wide.indexOf(true);
  const last = wide.lastIndexOf(true);
  if (first < 0) return { outer: tf.util.sizeFromShape([...shape]), stretched: 1, inner: 1 };
  if (shape.slice(first, last + 1).some((size, i) => size !== 1 && !wide[first + i])) return undefined;
  const product = (from: number, to?: number) => tf.util.sizeFromShape(shape.slice(from, to));
  return { outer: product(0, first), stretched: product(first, last + 1), inner: product(last + 1) };
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
  const [sizeA, sizeB] = [sizeOf(a), sizeOf(b)];
  const addresses = [backend.addressOf(a), backend.addressOf(b)] as const;
  const run = (y: number, from: readonly [number, number], rows: number, length: number, spreads: readonly [Spread, Spread]) =>
    backend.machine.run(
      binary,
      { operation, a: from[0], b: from[1], y, rows, length, spreadA: spreads[0], spreadB: spreads[1] },
      rows * length,
    );
  const flat = (own: number): Spread | undefined => (own === size ? 'full' : own === 1 ? 'scalar' : undefined);
  const [flatA, flatB] = [flat(sizeA), flat(sizeB)];
  if (flatA !== undefined && flatB !== undefined) {
    const y = backend.allocate(shape);
    if (size > 0) run(backend.addressOf(y), addresses, 1, size, [flatA, flatB]);
    return y;
  }
  const smaller = flatA === 'full' ? b : a;
  if (smaller === a && flatB !== 'full') return undefined;
  const stretch = stretchOf(smaller.shape, shape);
  if (stretch === undefined) return undefined;
  const { outer, stretched, inner } = stretch;
  const spreads = (spread: Spread): readonly [Spread, Spread] => (smaller === a ? [spread, 'full'] : ['full', spread]);
  const y = backend.allocate(shape);
  const to = backend.addressOf(y);
  if (inner === 1) run(to, addresses, outer, stretched, spreads('column'));
  else {
    for (let i = 0; i < outer; i++) {
      const [full, row] = [4 * i * stretched * inner, 4 * i * inner];
      const from = smaller === a ? ([row, full] as const) : ([full, row] as const);
      run(to + full, [addresses[0] + from[0], addresses[1] + from[1]], stretched, inner, spreads('row'));
    }
  }
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

export function registerElementwise(): void {
  for (const [name, operation] of Object.entries(ofTwo)) {
    define<'a' | 'b', object>(name, ({ backend, inputs: { a, b } }) => combine(backend, operation, a, b));
  }
  for (const [name, operation] of Object.entries(ofOne)) {
    define<'x', object>(name, ({ backend, inputs: { x } }) => map(backend, operation, x));
  }
  // What of the output's gradient a clamp lets through; y is its output, or its input.
  for (const clamp of ['relu', 'relu6'] as const) {
    define<'dy' | 'y', object>(clampKernels[clamp], ({ backend, inputs: { dy, y } }) =>
      combine(backend, `${clamp}Gradient`, dy, y),
    );
  }
  define<'dy' | 'y', object>('EluGrad', ({ backend, inputs: { dy, y } }) => combine(backend, 'eluGradient', dy, y));
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
