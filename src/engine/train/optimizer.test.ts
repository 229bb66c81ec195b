/** The optimizers against TF.js' own Adam and PyTorch 1.13's AdamW and SGD. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { float32 } from '../model/encoding.ts';
import { startBackend } from '../runtime/backends.ts';
import type { SimdBackend } from '../runtime/simd/backend.ts';
import { gridWeight } from './grid-weight.ts';
import { createLearner } from './learner.ts';
import { createOptimizer, type OptimizerKind, optimizerStep } from './optimizer.ts';
import { rateAt } from './schedule.ts';
import { floatWeight } from './weight.ts';

const start = [0.5, -1, 2];
const gradients = [
  [1, -2, 0.5],
  [0.5, 0.25, -3],
  [-1, 0, 1e-3],
  [2, 1, 1],
];

function steps(kind: OptimizerKind, weightDecay = 0): number[][] {
  const parameter = { values: Float32Array.from(start), decays: true };
  const state = createOptimizer(kind, [parameter]);
  return gradients.map((gradient) => {
    optimizerStep(state, [parameter], [Float32Array.from(gradient)], 0.1, weightDecay);
    return [...parameter.values];
  });
}

function expectClose(actual: number[][], expected: number[][]): void {
  expect(actual).toEqual(expected.map((row) => row.map((value) => expect.closeTo(value, 5))));
}

it("takes the steps of TF.js' own Adam", async () => {
  await tf.setBackend('cpu');
  const theirs = tf.variable(tf.tensor1d(start));
  const optimizer = tf.train.adam(0.1, 0.9, 0.999, 1e-7);
  const expected = gradients.map((gradient) => {
    optimizer.applyGradients([{ name: theirs.name, tensor: tf.tensor1d(gradient) }]);
    return [...theirs.dataSync()];
  });
  expectClose(steps('adam', 0.3), expected);
});

it("takes the steps of PyTorch's AdamW with weight decay 0.05", () => {
  expectClose(steps('adamw', 0.05), [
    [0.39750003814697266, -0.8950000405311584, 1.8900001049041748],
    [0.30229461193084717, -0.8332716226577759, 1.9429420232772827],
    [0.289704829454422, -0.7848482131958008, 1.9814354181289673],
    [0.2363080084323883, -0.7743170261383057, 1.9908699989318848],
  ]);
});

it("takes the steps of PyTorch's SGD with momentum 0.9 and weight decay 0.05", () => {
  expectClose(steps('sgd', 0.05), [
    [0.39750000834465027, -0.7950000166893005, 1.9399999380111694],
    [0.2532625198364258, -0.6315250396728516, 2.176300048828125],
    [0.2221824675798416, -0.481239914894104, 2.377988576889038],
    [-0.006900501903146505, -0.4435771107673645, 2.447618246078491],
  ]);
});

it('pulls nothing to zero that does not decay, and steps at a pace of its own', () => {
  const free = { values: Float32Array.of(1), decays: false, paces: Float32Array.of(0.01) };
  optimizerStep(createOptimizer('adamw', [free]), [free], [Float32Array.of(3)], 0.1, 0.5);
  expect(free.values[0]).toBeCloseTo(1 - 0.001, 6);
});

it.each(['adam', 'adamw', 'sgd'] as const)(
  'steps in place as it does elsewhere, bit for bit, and gives memory back: %s',
  async (kind) => {
    const trainBy = async (backend: 'simd' | 'cpu') => {
      await startBackend(backend);
      const rng = createRng(7);
      const normal = (count: number) => Float32Array.from({ length: count }, () => rng.normal());
      const weight = (count: number, more = {}) => ({ shape: [count], values: normal(count), encoding: float32, ...more });
      const grid = { bits: 4, symmetric: true, axis: null, scale: Float64Array.of(0.3), min: Float64Array.of(-2.4) } as const;
      const weights = [
        floatWeight(weight(9001, { mask: Uint8Array.from({ length: 9001 }, (_, i) => i % 3) }), true),
        floatWeight(weight(50, { encoding: { kind: 'float16' } }), false),
        gridWeight(weight(90), { grid, top: 14, learned: true }),
        // More than one kernel takes at once.
        ...Array.from({ length: 400 }, () => floatWeight(weight(3), true)),
      ];
      const held = () => [tf.memory().numTensors, (tf.backend() as Partial<SimdBackend>).machine?.arena.usedBytes];
      const before = held();
      const learner = createLearner({ trained: new Map(weights.map((each, i) => [`${i}`, each])) }, kind);
      const norms = [1, 2, 3].map((step) => {
        for (const each of weights) each.values();
        if (step === 3) learner.forget();
        return learner.step(
          weights.map(({ shape: [count = 0] }) => normal(count)),
          0.01,
          0.1,
          step === 2 ? 1 : 0,
        );
      });
      expect(
        learner.step(
          weights.map(({ shape: [count = 0] }) => new Float32Array(count).fill(Number.NaN)),
          0.01,
        ),
      ).toBeNaN();
      learner.dispose();
      expect(held()[0]).toBe(before[0]);
      return { norms, values: weights.map((each) => each.encode().values), ends: held()[1] };
    };
    const plain = await trainBy('cpu');
    const first = await trainBy('simd');
    expect([first.norms, first.values]).toEqual([plain.norms, plain.values]);
    expect((await trainBy('simd')).ends).toBe(first.ends);
  },
);

it('follows the schedules', () => {
  const at = (schedule: Parameters<typeof rateAt>[0], warmUp = 0) =>
    [0, 25, 50, 75, 99].map((n) => rateAt(schedule, n, 100, warmUp));
  expect(at('constant')).toEqual([1, 1, 1, 1, 1]);
  expect(at('step')).toEqual([1, 1, 0.1, 0.01, 0.01]);
  expect(at('cosine')).toEqual([1, 0.853553, 0.5, 0.146447, 0.000247].map((value) => expect.closeTo(value, 5)));
  expect(at('constant', 0.5)).toEqual([0.02, 0.52, 1, 1, 1]);
});
