/**
 * Every kernel that is registered over the module against TF.js' plain JavaScript backend, forward and backward, over seeded random shapes,
 * strides and paddings. A second run of each case has to give the same bits and leave no tensor and no byte.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../math/rng.ts';
import { relativeDifference } from '../../model/ops/cases.ts';
import { type RecurrentAttrs, runRecurrent } from '../../model/ops/recurrent.ts';
import { startBackend, stopBackend } from '../backends.ts';
import type { SimdBackend } from './backend.ts';

const rng = createRng(7);
const between = (low: number, high: number): number => low + rng.integer(high - low + 1);
const pick = <T>(values: readonly T[]): T => values[rng.integer(values.length)] as T;

interface Case {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  run(inputs: readonly tf.Tensor[]): tf.Tensor;
  /** Where a gradient is not defined, or TF.js has none. */
  readonly forwardOnly?: boolean;
  readonly values?: (size: number) => Float32Array;
}

const normal = (size: number): Float32Array => Float32Array.from({ length: size }, () => rng.normal());
const times = (count: number, make: () => Case): Case[] => Array.from({ length: count }, make);

function matrixProduct(): Case {
  const [m, k, n, batches] = [between(1, 33), between(1, 40), between(1, 33), between(1, 3)];
  const [transposeA, transposeB] = [rng.next() < 0.5, rng.next() < 0.5];
  const outer = batches === 1 ? [] : [batches];
  const [outerA, outerB] = [outer, pick([outer, batches === 1 ? [] : [1]])];
  const shapes = [
    [...outerA, ...(transposeA ? [k, m] : [m, k])],
    [...outerB, ...(transposeB ? [n, k] : [k, n])],
  ];
  return {
    name: `matMul ${shapes.join(' · ')} ${transposeA} ${transposeB}`,
    shapes,
    run: ([a, b]) => tf.matMul(a as tf.Tensor, b as tf.Tensor, transposeA, transposeB),
    // TF.js' gradient forgets that a batch of one was stretched.
    forwardOnly: outerB.length > 0 && outerB[0] !== batches,
  };
}

function fusedProduct(): Case {
  const [m, k, n] = [between(1, 33), between(1, 40), between(1, 33)];
  const activation = pick(['linear', 'relu', 'relu6', 'elu', 'sigmoid'] as const);
  const run: Case['run'] = ([a, b, bias]) =>
    tf.fused.matMul({ a: a as tf.Tensor, b: b as tf.Tensor, bias: bias as tf.Tensor, activation });
  // TF.js' fused kernels have gradients for clamps alone.
  const forwardOnly = activation === 'sigmoid';
  return { name: `fused matMul ${[m, k, n]} ${activation}`, shapes: [[m, k], [k, n], [n]], run, forwardOnly };
}

type Padding = 'same' | 'valid' | tf.backend_util.ExplicitPadding;
const paddings = (): Padding =>
  pick<Padding>([
    'same',
    'valid',
    [
      [0, 0],
      [between(0, 2), between(0, 2)],
      [between(0, 2), between(0, 2)],
      [0, 0],
    ],
  ]);

/** A picture, a filter, and how the second goes over the first; TF.js has no gradient of a dilated convolution. */
function windows() {
  const dilation = between(1, 5) === 1 ? 2 : 1;
  const strides: [number, number] = dilation > 1 ? [1, 1] : [between(1, 3), between(1, 3)];
  const [height, width] = [between(1, 4), between(1, 4)];
  const x = [between(1, 4), between(7, 12), between(7, 12), between(1, 20)];
  return { x, height, width, strides, pad: paddings(), dilation };
}

function convolution(): Case {
  const { x, height, width, strides, pad, dilation } = windows();
  const filter = [height, width, x[3] as number, between(1, 20)];
  const fused = rng.next() < 0.4;
  const activation = pick(['linear', 'relu', 'relu6', 'elu'] as const);
  const name = `conv ${x} * ${filter} ${strides} ${pad} ${dilation}${fused ? activation : ''}`;
  if (!fused) {
    const run: Case['run'] = ([a, b]) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad, 'NHWC', dilation);
    return { name, shapes: [x, filter], run, forwardOnly: dilation > 1 };
  }
  const run: Case['run'] = ([a, b, bias]) =>
    tf.fused.conv2d({
      ...{ x: a as tf.Tensor4D, filter: b as tf.Tensor4D, bias: bias as tf.Tensor },
      ...{ strides, pad, dilations: dilation, activation },
    });
  return { name, shapes: [x, filter, [filter[3] as number]], run, forwardOnly: dilation > 1 };
}

function depthwise(): Case {
  const { x, height, width, strides, pad, dilation } = windows();
  const filter = [height, width, x[3] as number, between(1, 3)];
  const activation = pick(['linear', 'relu6'] as const);
  const fused = rng.next() < 0.4;
  const name = `depthwise ${x} * ${filter} ${strides} ${pad} ${dilation}${fused ? activation : ''}`;
  if (!fused) {
    const run: Case['run'] = ([a, b]) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad, 'NHWC', dilation);
    return { name, shapes: [x, filter], run, forwardOnly: dilation > 1 };
  }
  const run: Case['run'] = ([a, b, bias]) =>
    tf.fused.depthwiseConv2d({
      ...{ x: a as tf.Tensor4D, filter: b as tf.Tensor4D, bias: bias as tf.Tensor },
      ...{ strides, pad: pad as 'same', dilations: dilation, activation },
    });
  return { name, shapes: [x, filter, [(x[3] as number) * (filter[3] as number)]], run, forwardOnly: dilation > 1 };
}

function pools(): Case {
  const { x, height, width, strides } = windows();
  const pad = pick(['same', 'valid'] as const);
  const method = pick([tf.maxPool, tf.avgPool]);
  const run: Case['run'] = ([a]) => method(a as tf.Tensor4D, [height, width], strides, pad);
  return { name: `${method.name} ${x} ${height}×${width} ${strides} ${pad}`, shapes: [x], run };
}

function normalization(): Case {
  const x = [between(1, 4), between(1, 6), between(1, 6), between(1, 40)];
  const channels = [x[3] as number];
  const run: Case['run'] = ([a, mean, variance, beta, gamma]) =>
    tf.batchNorm(
      a as tf.Tensor4D,
      mean as tf.Tensor1D,
      tf.square(variance as tf.Tensor1D),
      beta as tf.Tensor1D,
      gamma as tf.Tensor1D,
      0.1,
    );
  return { name: `batchNorm ${x}`, shapes: [x, channels, channels, channels, channels], run };
}

/** A shape, and one that is stretched to it: some axes in a row are one, or missing in front. */
function stretched(): readonly [number[], number[]] {
  const shape = Array.from({ length: between(1, 4) }, () => between(1, 7));
  const from = between(0, shape.length);
  const to = between(from, shape.length);
  const other = shape.map((size, axis) => (axis >= from && axis < to ? 1 : size));
  return [shape, from === 0 && rng.next() < 0.5 ? other.slice(to) : other];
}

const bounds = [tf.maximum, tf.minimum, tf.squaredDifference];
const binaries = [tf.add, tf.sub, tf.mul, tf.div, ...bounds];
function ofTwo(): Case {
  const method = pick(binaries);
  const [shape, other] = stretched();
  const shapes = rng.next() < 0.5 ? [shape, other] : [other, shape];
  // TF.js' own gradients of these forget that an operand was stretched.
  const forwardOnly = bounds.includes(method) && !tf.util.arraysEqual(shape, other);
  const run: Case['run'] = ([a, b]) => method(a as tf.Tensor, b as tf.Tensor);
  const apart = (size: number) => Float32Array.from({ length: size }, () => (0.5 + rng.next()) * pick([-1, 1]));
  return { name: `${method.name} ${shapes.join(' | ')}`, shapes, run, forwardOnly, values: apart };
}

const positives = [tf.sqrt, tf.rsqrt, tf.log];
const clip = <T extends tf.Tensor>(x: T | tf.TensorLike): T => tf.clipByValue(x, -1, 2);
const unaries = [
  clip,
  tf.neg,
  tf.abs,
  tf.square,
  tf.reciprocal,
  tf.relu,
  tf.relu6,
  tf.exp,
  tf.sigmoid,
  tf.tanh,
  tf.elu,
  ...positives,
];
function ofOne(): Case {
  const method = pick(unaries);
  const positive = positives.includes(method);
  const values = (size: number) => normal(size).map((value) => (positive ? Math.abs(value) + 0.1 : 4 * value + 0.01));
  return { name: method.name, shapes: [[between(1, 50), between(1, 9)]], run: ([x]) => method(x as tf.Tensor), values };
}

function reduction(): Case {
  const method = pick([tf.sum, tf.mean, tf.max, tf.min]);
  const shape = Array.from({ length: between(1, 4) }, () => between(1, 9));
  const axes = [...shape.keys()].filter(() => rng.next() < 0.5);
  const keep = rng.next() < 0.5;
  const run: Case['run'] = ([x]) => method(x as tf.Tensor, axes.length > 0 ? axes : undefined, keep);
  return { name: `${method.name} ${shape} over ${axes}`, shapes: [shape], run };
}

function move(): Case {
  const shape = Array.from({ length: between(1, 4) }, () => between(1, 8));
  const kind = pick(['transpose', 'slice', 'split', 'unstack', 'stack', 'concat', 'pad', 'tile'] as const);
  const name = `${kind} ${shape}`;
  if (kind === 'transpose') {
    const perm = [...shape.keys()].sort(() => rng.next() - 0.5);
    return { name: `${name} by ${perm}`, shapes: [shape], run: ([x]) => tf.transpose(x as tf.Tensor, perm) };
  }
  if (kind === 'slice') {
    const begin = shape.map((size) => rng.integer(size));
    const size = shape.map((length, axis) => between(1, length - (begin[axis] as number)));
    return { name: `${name} ${begin} ${size}`, shapes: [shape], run: ([x]) => tf.slice(x as tf.Tensor, begin, size) };
  }
  if (kind === 'pad') {
    const paddings = shape.map((): [number, number] => [between(0, 2), between(0, 2)]);
    return { name: `${name} ${paddings}`, shapes: [shape], run: ([x]) => tf.pad(x as tf.Tensor, paddings, 1.5) };
  }
  if (kind === 'tile') {
    const repetitions = shape.map(() => between(1, 3));
    return { name: `${name} by ${repetitions}`, shapes: [shape], run: ([x]) => tf.tile(x as tf.Tensor, repetitions) };
  }
  const axis = rng.integer(shape.length);
  if (kind === 'split') {
    const lengths = [between(1, 3), shape[axis] as number, between(1, 3)];
    const whole = shape.map((size, i) => (i === axis ? lengths.reduce((sum, length) => sum + length, 0) : size));
    const run: Case['run'] = ([x]) =>
      tf.addN(tf.split(x as tf.Tensor, lengths, axis).map((part, i) => tf.mul(tf.sum(part), i + 1)));
    return { name: `${name} into ${lengths} at ${axis}`, shapes: [whole], run };
  }
  if (kind === 'unstack') {
    const run: Case['run'] = ([x]) => tf.addN(tf.unstack(x as tf.Tensor, axis).map((part, i) => tf.mul(part, i + 1)));
    // TF.js has no gradient of taking the only one out.
    return { name: `${name} at ${axis}`, shapes: [shape], run, forwardOnly: shape[axis] === 1 };
  }
  if (kind === 'stack') return { name: `${name} at ${axis}`, shapes: [shape, shape], run: (parts) => tf.stack([...parts], axis) };
  const other = shape.map((size, i) => (i === axis ? between(1, 5) : size));
  return { name: `${name} | ${other} at ${axis}`, shapes: [shape, other], run: (parts) => tf.concat([...parts], axis) };
}

function resizing(): Case {
  const x = [between(1, 3), between(1, 5), between(1, 5), between(1, 9)];
  const centred = rng.next() < 0.5;
  const aligned = !centred && rng.next() < 0.5;
  const method = pick([tf.image.resizeNearestNeighbor, tf.image.resizeBilinear]);
  const times = () => (method === tf.image.resizeBilinear ? between(1, 12) / 4 : between(1, 3));
  const size = [x[1] as number, x[2] as number].map((length) => Math.ceil(length * times())) as [number, number];
  const run: Case['run'] = ([a]) => method(a as tf.Tensor4D, size, aligned, centred);
  return { name: `${method.name} of ${x} at ${size} ${aligned} ${centred}`, shapes: [x], run, forwardOnly: true };
}

function softmax(): Case {
  return { name: 'softmax', shapes: [[between(1, 20), between(1, 20)]], run: ([x]) => tf.softmax(x as tf.Tensor) };
}

/** A whole layer: its steps are one kernel where gates are logistic and the cell's activation tanh. */
function recurrent(): Case {
  const cell = pick(['LSTM', 'GRU'] as const);
  const [batch, steps, features, units] = [between(1, 5), between(2, 4), between(1, 5), between(1, 9)];
  const width = (cell === 'LSTM' ? 4 : 3) * units;
  const resetAfter = cell === 'GRU' && rng.next() < 0.8;
  const gateActivation = rng.next() < 0.8 ? ('sigmoid' as const) : ('hard_sigmoid' as const);
  const attrs: RecurrentAttrs = {
    ...{ units, cellActivation: 'tanh' as const, gateActivation, resetAfter, useBias: true, returnSequences: rng.next() < 0.5 },
    ...{ goBackwards: false, zeroMasked: false, maskValue: 0 },
  };
  const shapes = [[batch, steps, features], [features, width], [units, width], resetAfter ? [2, width] : [width]];
  const run: Case['run'] = ([x, kernel, recurrent_kernel, bias]) =>
    runRecurrent(cell, attrs, [x as tf.Tensor], { kernel, recurrent_kernel, bias });
  return { name: `${cell} ${[batch, steps, features, units]} ${gateActivation} ${resetAfter}`, shapes, run };
}

const families: Readonly<Record<string, Case[]>> = {
  'matrix product': times(16, matrixProduct),
  'fused matrix product': times(10, fusedProduct),
  convolution: times(14, convolution),
  'depthwise convolution': times(12, depthwise),
  pool: times(16, pools),
  'batch normalization': times(6, normalization),
  'function of two': times(60, ofTwo),
  'function of one': times(40, ofOne),
  reduction: times(40, reduction),
  move: times(40, move),
  resizing: times(16, resizing),
  softmax: times(4, softmax),
  recurrent: times(6, recurrent),
};

interface Outcome {
  readonly y: Float32Array;
  readonly gradients: readonly Float32Array[];
}

/** Output, and gradients of Σ y · r for fixed numbers r. */
function outcome(example: Case, values: readonly Float32Array[]): Outcome {
  return tf.tidy(() => {
    const inputs = values.map((array, i) => tf.tensor(array, [...(example.shapes[i] as number[])]));
    const y = example.run(inputs);
    const factors = tf.tensor(
      Float32Array.from({ length: y.size }, (_, i) => Math.sin(1 + 1.7 * i)),
      y.shape,
    );
    const loss = (...tensors: tf.Tensor[]) => tf.sum(tf.mul(example.run(tensors), factors)) as tf.Scalar;
    const gradients = example.forwardOnly ? [] : tf.grads(loss)(inputs);
    return { y: y.dataSync() as Float32Array, gradients: gradients.map((gradient) => gradient.dataSync() as Float32Array) };
  });
}

beforeAll(async () => {
  await startBackend('cpu');
  await startBackend('simd');
});
afterAll(() => {
  for (const name of ['cpu', 'simd'] as const) stopBackend(name);
});

describe.each(Object.entries(families))('%s', (_, cases) => {
  it('agrees', () => {
    for (const example of cases) {
      const values = example.shapes.map((shape) => (example.values ?? normal)(tf.util.sizeFromShape([...shape])));
      tf.setBackend('cpu');
      const expected = outcome(example, values);
      tf.setBackend('simd');
      const found = outcome(example, values);
      expect(relativeDifference(expected.y, found.y), example.name).toBeLessThan(1e-5);
      expected.gradients.forEach((gradient, i) => {
        expect(relativeDifference(gradient, found.gradients[i] as Float32Array), `${example.name}: ∂${i}`).toBeLessThan(5e-5);
      });
      const { arena } = (tf.backend() as SimdBackend).machine;
      const before = [tf.memory().numTensors, arena.usedBytes];
      expect(outcome(example, values), example.name).toEqual(found);
      expect([tf.memory().numTensors, arena.usedBytes]).toEqual(before);
    }
  });
});
