/** Losses against TF.js' own and against the definitions written out; their gradients by central differences of those. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { startBackend } from '../runtime/backends.ts';
import { balancingWeights, type LossParts, lossKindOf, lossOf, targetsOf } from './loss.ts';

beforeAll(() => tf.setBackend('cpu'));

const rng = createRng(2);
const rows = (count: number, width: number) =>
  tf.tensor2d(
    Float32Array.from({ length: count * width }, () => 2 * rng.normal()),
    [count, width],
  );
const value = (z: tf.Tensor, parts: Omit<LossParts, 'classes'>) =>
  tf.tidy(() => lossOf(z, { ...parts, classes: z.shape[1] as number }).dataSync()[0]);
const labels = Int32Array.of(2, 0, 1, 1);
const samples = { size: 4, task: 'classes', labels, batch: async () => new Float32Array() } as const;
const all = Uint32Array.of(0, 1, 2, 3);

it('takes the loss that the ending of the model asks for', () => {
  expect(lossKindOf('softmax', 'classes', 3)).toBe('categorical');
  expect(lossKindOf('sigmoid', 'values', 3)).toBe('binary');
  expect(lossKindOf('linear', 'classes', 3)).toBe('categorical');
  expect(lossKindOf('linear', 'classes', 1)).toBe('squares');
  expect(lossKindOf('linear', 'values', 3)).toBe('squares');
});

it("is TF.js' softmax cross entropy with label smoothing", () => {
  const z = rows(4, 3);
  const targets = tf.tensor2d(targetsOf(samples, all, 3, 0.1), [4, 3]);
  const theirs = tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(labels, 'int32'), 3), z, undefined, 0.1).dataSync()[0];
  expect(value(z, { kind: 'categorical', targets })).toBeCloseTo(theirs as number, 5);
});

it('is the same in one pass on our own backend, gradient included', async () => {
  const [z, targets] = [rows(37, 5), tf.softmax(rows(37, 5))];
  const weights = tf.sigmoid(rows(37, 1));
  const numbers = [z, targets, weights].map((tensor) => [tensor.dataSync(), tensor.shape] as const);
  const judged = () =>
    tf.tidy(() => {
      const [x, t, w] = numbers.map(([data, shape]) => tf.tensor(data, [...shape])) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const parts = { kind: 'categorical', targets: tf.mul(t, 0.7), weights: w, classes: 5 } as const;
      const { value: loss, grad } = tf.valueAndGrad((y) => lossOf(y, parts))(x);
      return [...loss.dataSync(), ...grad.dataSync()];
    });
  const plain = judged();
  await startBackend('simd');
  const held = tf.memory().numTensors;
  const fused = judged();
  expect(tf.memory().numTensors).toBe(held);
  await tf.setBackend('cpu');
  expect(fused).toEqual(plain.map((number) => expect.closeTo(number, 6)));
});

it("is TF.js' sigmoid cross entropy, summed over outputs, and mean squared error", () => {
  const [z, targets] = [rows(4, 3), tf.sigmoid(rows(4, 3))];
  const cross = tf.losses.sigmoidCrossEntropy(targets, z).dataSync()[0] as number;
  expect(value(z, { kind: 'binary', targets })).toBeCloseTo(3 * cross, 5);
  expect(value(z, { kind: 'squares', targets })).toBeCloseTo(tf.losses.meanSquaredError(targets, z).dataSync()[0] as number, 5);
});

it('weighs classes equally', () => {
  expect([...(balancingWeights(samples, 3) ?? [])]).toEqual([4 / 3, 2 / 3, 4 / 3].map((weight) => expect.closeTo(weight, 6)));
  const z = rows(4, 3);
  const targets = tf.tensor2d(targetsOf(samples, all, 3, 0), [4, 3]);
  const weights = tf.tensor2d([3, 0, 0, 0], [4, 1]);
  const first = value(tf.slice(z, [0, 0], [1, 3]), { kind: 'categorical', targets: tf.slice(targets, [0, 0], [1, 3]) }) as number;
  expect(value(z, { kind: 'categorical', targets, weights })).toBeCloseTo((3 * first) / 4, 5);
});

const softmax = (z: readonly number[]) => {
  const e = z.map((x) => Math.exp(x - Math.max(...z)));
  return e.map((x) => x / e.reduce((a, b) => a + b));
};
const sigma = (x: number) => 1 / (1 + Math.exp(-x));
const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);

/** Hinton et al. 2015, for one sample. */
const definitions = {
  categorical(z: number[], q: number[], T: number) {
    const [p, s] = [softmax(q.map((x) => x / T)), softmax(z.map((x) => x / T))];
    return T * T * sum(p.map((x, k) => x * Math.log(x / (s[k] as number))));
  },
  binary(z: number[], q: number[], T: number) {
    const kl = (p: number, s: number) => p * Math.log(p / s) + (1 - p) * Math.log((1 - p) / (1 - s));
    return T * T * sum(z.map((x, k) => kl(sigma((q[k] as number) / T), sigma(x / T))));
  },
  squares: (z: number[], q: number[]) => sum(z.map((x, k) => (x - (q[k] as number)) ** 2)) / z.length,
} as const;

describe.each(['categorical', 'binary', 'squares'] as const)('imitation, %s', (kind) => {
  const z = [0.3, -1.2, 2];
  const q = [1.5, -0.4, 0.1];

  it('is what the paper says', () => {
    const teacher = { logits: tf.tensor2d([q]), temperature: 4, alpha: 1 };
    expect(value(tf.tensor2d([z]), { kind, teacher })).toBeCloseTo(definitions[kind](z, q, 4), 5);
  });

  it('has its gradient, mixed with the labels', () => {
    const parts = {
      kind,
      classes: 3,
      targets: tf.tensor2d([[0, 1, 0]]),
      teacher: { logits: tf.tensor2d([q]), temperature: 2, alpha: 0.7 },
    };
    const hard = (x: number[]) => value(tf.tensor2d([x]), { kind, targets: parts.targets }) as number;
    const loss = (x: number[]) => 0.3 * hard(x) + 0.7 * definitions[kind](x, q, 2);
    expect(lossOf(tf.tensor2d([z]), parts).dataSync()[0]).toBeCloseTo(loss(z), 5);
    const gradient = tf
      .grad((x) => lossOf(x, parts))(tf.tensor2d([z]))
      .dataSync();
    z.forEach((x, k) => {
      const at = (step: number) => loss(z.with(k, x + step));
      expect(gradient[k]).toBeCloseTo((at(0.01) - at(-0.01)) / 0.02, 2);
    });
  });
});
