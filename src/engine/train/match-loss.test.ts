/** What layers are taught, against PyTorch 1.13 (`normalize`, `mse_loss`, `conv2d`, autograd in double) and central differences. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../runtime/backends.ts';
import { requireGradients } from './backend.ts';
import { type MatchKind, matchLoss } from './match-loss.ts';

beforeAll(async () => {
  await startBackend('simd');
  await requireGradients();
});

/** The same numbers as the PyTorch script made: ((37 i + 11 k) mod 23) / 10 − 1. */
const numbers = (shape: number[], k: number) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i * 37 + k * 11) % 23) / 10 - 1);
const values = (shape: number[], k: number) => tf.tensor(numbers(shape, k), shape);

const lossOf = (kind: MatchKind) => (student: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) =>
  matchLoss(kind, { student, teacher: values([2, 2, 3, 3], 2), ...(kind === 'features' ? { adapter: [kernel, bias] } : {}) });

const inputs = () => [values([2, 2, 3, 2], 1), values([2, 3], 5), values([3], 6)];

const golden: Readonly<Record<MatchKind, { readonly loss: number; readonly slopes: readonly (readonly number[])[] }>> = {
  attention: {
    loss: 0.1010105,
    slopes: [
      [-0.0137687, 0.1101497, -0.0829056, 0.0414528, 0.0420069, 0.0076376, -0.0118653, 0.0118653, -0.015931, 0.0955858].concat(
        [-0.0203732, 0.0407464, -0.0797283, 0.009966, 0.0277523, -0.0111009, -0.0342705, 0.0616868, 0, -0.007026],
        [-0.0289496, 0.0231597, 0.0413207, 0.0041321],
      ),
    ],
  },
  features: {
    loss: 1.4341944,
    slopes: [
      [0.0520556, -0.0562778, 0.0453889, -0.0415556, -0.0123889, -0.0268333, -0.1685556, 0.0965, -0.0474444, -0.0037778].concat(
        [0.0545, -0.1245, 0.0606111, -0.0458889, -0.1466667, 0.0774444, -0.1533333, 0.0921667, -0.0513889, -0.0285556],
        [0.0697222, -0.1288333, 0.0630556, -0.1141111],
      ),
      [0.1497778, -0.4756667, 0.1792222, -0.0795556, 0.3715556, -0.1995556],
      [0.5444444, -0.0355556, -0.5388889],
    ],
  },
};

describe.each(['attention', 'features'] as const)('%s', (kind) => {
  const { loss, slopes } = golden[kind];

  it('is the loss of PyTorch, with its gradients', () => {
    const { value, grads } = tf.valueAndGrads((...all) =>
      lossOf(kind)(all[0] as tf.Tensor, all[1] as tf.Tensor, all[2] as tf.Tensor),
    )(kind === 'features' ? inputs() : inputs().slice(0, 1));
    expect(value.dataSync()[0]).toBeCloseTo(loss, 5);
    expect(grads).toHaveLength(slopes.length);
    slopes.forEach((expected, which) => {
      const found = grads[which]?.dataSync() ?? [];
      expect(found).toHaveLength(expected.length);
      expected.forEach((slope, i) => {
        expect(found[i]).toBeCloseTo(slope, 5);
      });
    });
  });

  it('has the gradient that central differences find', () => {
    const [student, kernel, bias] = inputs() as [tf.Tensor, tf.Tensor, tf.Tensor];
    const at = (changed: Float32Array) => lossOf(kind)(tf.tensor(changed, student.shape), kernel, bias).dataSync()[0] as number;
    const gradient = tf
      .grad((x) => lossOf(kind)(x, kernel, bias))(student)
      .dataSync();
    const start = numbers(student.shape, 1);
    start.forEach((value, i) => {
      const slope = (at(start.with(i, value + 0.01)) - at(start.with(i, value - 0.01))) / 0.02;
      expect(Math.abs((gradient[i] as number) - slope)).toBeLessThan(0.002);
    });
  });
});

it('is nothing where both are the same, however many channels attention is spread over', () => {
  const teacher = values([2, 2, 3, 3], 2);
  expect(matchLoss('features', { student: teacher, teacher }).dataSync()[0]).toBe(0);
  const wider = tf.concat([teacher, teacher], 3);
  expect(matchLoss('attention', { student: wider, teacher }).dataSync()[0]).toBeCloseTo(0, 10);
  const silent = tf.zeros([2, 2, 3, 1]);
  const gradient = tf.grad((x) => matchLoss('attention', { student: x, teacher }))(silent);
  expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
});
