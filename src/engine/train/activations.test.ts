/** Activations on grids while a net trains: their gradients, their ranges, and what becomes of them. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import { applyRecipe } from '../apply.ts';
import type { Context } from '../context.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import { stepsOf, withActivations } from '../model/activation-grid.ts';
import { parseRecipe } from '../recipe.ts';
import { startBackend } from '../runtime/backends.ts';
import { noise } from '../testing/small-model.ts';
import { createRanges } from './activation-ranges.ts';
import { requireGradients } from './backend.ts';
import { fakeQuantizeOnTape, loopGradients, tensorGradients } from './fake-quantize.ts';

beforeAll(async () => {
  await startBackend('simd');
  await requireGradients();
});

const net = buildNet(
  'halves',
  [6, 6, 1],
  [
    { name: 'conv', className: 'Conv2D', config: { filters: 4, kernel_size: 3, use_bias: false } },
    { name: 'norm', className: 'BatchNormalization' },
    { name: 'relu', className: 'ReLU' },
    { name: 'pool', className: 'AveragePooling2D' },
    { name: 'flatten', className: 'Flatten' },
    { name: 'hidden', className: 'Dense', config: { units: 8, activation: 'swish' } },
    { name: 'answer', className: 'Dense', config: { units: 2, activation: 'softmax' } },
  ],
);

/** Pictures that are brighter in their left (0) or right half (1). */
function halves() {
  const rng = createRng(11);
  const labels = Int32Array.from({ length: 96 }, (_, sample) => sample % 2);
  const values = Float32Array.from({ length: 96 * 36 }, (_, i) => {
    return rng.next() + (i % 6 >= 3 === (labels[Math.floor(i / 36)] === 1) ? 0.7 : 0);
  });
  return arrayDataset({ name: 'halves', kind: 'images', sampleShape: [6, 6, 1], values, labels });
}

const contextOf = (): Context => ({
  signal: new AbortController().signal,
  report: () => {},
  rng: createRng(1),
  training: { dataset: halves(), preprocessing: 'raw', id: 'halves' },
});
const quick = { batchSize: 16, learningRate: 0.01, validation: 0.25, epochs: 6 };
const aware = { use: 'quantize/aware', activations: 8, ...quick };
const train = (steps: readonly Record<string, unknown>[], model = net) =>
  applyRecipe(model, parseRecipe({ recipe: 1, steps }), contextOf());

describe('a gradient through a grid', () => {
  const grid = { scale: 0.1, zeroPoint: -120, low: -128, high: 127 };

  it('passes inside of the range, and moves a learned step as LSQ says', () => {
    // v = x / s: −9 and 300 are clipped to −8 and 247, ⌊v⌉ − v is 0.3 at −4.3 and −0.2 at 12.2.
    const [x, dy] = [tf.tensor1d([-0.9, 30, -0.43, 1.22]), tf.tensor1d([1, 2, 10, 100])];
    const { dx, ds } = loopGradients(dy, x, grid, true);
    expect([...dx.dataSync()]).toEqual([0, 0, 10, 100]);
    expect(ds?.dataSync()[0]).toBeCloseTo(-8 + 2 * 247 + 10 * 0.3 - 100 * 0.2, 3);
    tf.dispose([x, dy, dx, ds as tf.Tensor]);
  });

  it('is the same in a loop and in tensor operations', () => {
    const [x, dy] = [tf.tensor(noise(600, 1).map((value) => 12 * value)), tf.tensor(noise(600, 2))];
    const [loop, tensors] = [loopGradients(dy, x, grid, true), tensorGradients(dy, x, grid, true)];
    expect(tensors.dx.dataSync().map((slope) => slope + 0)).toEqual(loop.dx.dataSync());
    expect((tensors.ds?.dataSync()[0] ?? 0) / (loop.ds?.dataSync()[0] ?? 1)).toBeCloseTo(1, 4);
  });

  it('reaches the tape', () => {
    const scale = tf.tensor1d([grid.scale]);
    const { value, grads } = tf.valueAndGrads((x, s) => tf.sum(fakeQuantizeOnTape(x as tf.Tensor, grid, s)) as tf.Scalar)([
      tf.tensor1d([-0.43, 99]),
      scale,
    ]);
    expect(value.dataSync()[0]).toBeCloseTo(-0.4 + 24.7, 4);
    expect([...(grads[0]?.dataSync() ?? [])]).toEqual([1, 0]);
    expect(grads[1]?.dataSync()[0]).toBeCloseTo(0.3 + 247, 3);
  });
});

describe('ranges in training', () => {
  const start = withActivations(
    net,
    new Map([
      ['input', { min: 0, max: 1, bits: 8 }],
      ['relu', { min: 0, max: 2, bits: 8 }],
      ['answer', { min: 0, max: 255 / 256, bits: 8 }],
    ]),
  );

  it('follow what is seen, for half of the steps; inputs and fixed ranges never', () => {
    const ranges = createRanges(start, 'ema', () => 1);
    for (const value of ['input', 'relu', 'answer']) expect(ranges.of(value)?.follows()).toBe(value === 'relu');
    ranges.of('relu')?.see(0.5, 12);
    expect(ranges.grids().get('pool')).toEqual({ min: 0, max: 2 * 0.99 + 12 * 0.01, bits: 8 });
    ranges.of('relu')?.see(0, Number.NaN);
    expect(ranges.grids().get('relu')?.max).toBeCloseTo(2.1, 12);
    ranges.progress(0.5);
    expect(ranges.of('relu')?.follows()).toBe(false);
  });

  it('keep their zero point where their step is learned', () => {
    const ranges = createRanges(start, 'learned', () => 100);
    expect([...ranges.trained.keys()]).toEqual(['range:relu']);
    const [weight] = ranges.trained.values();
    expect(weight?.gradients(Float32Array.of(3))[0]?.[0]).toBeCloseTo(3 / Math.sqrt(100 * 255), 6);
    weight?.parameters[0]?.values.set([0.5]);
    const grid = ranges.grids().get('flatten') ?? { min: 0, max: 0, bits: 8 };
    expect(stepsOf(grid)).toMatchObject({ scale: 0.5, zeroPoint: -128 });
  });
});

describe('quantize/aware with activations', () => {
  it.each(['ema', 'learned'])(
    'ends in grids where TFLite has them, the same twice, without a tensor left: %s',
    async (activationRange) => {
      const steps = [{ ...aware, activationRange }];
      const first = await train(steps);
      const { numTensors } = tf.memory();
      const second = await train(steps);
      expect(tf.memory().numTensors).toBe(numTensors);
      expect([...(first.model.activations ?? [])]).toEqual([...(second.model.activations ?? [])]);
      expect(first.model.weights.get('conv/kernel')?.values).toEqual(second.model.weights.get('conv/kernel')?.values);
      expect([...(first.model.activations?.keys() ?? [])].sort()).toEqual(
        ['answer', 'answer#linear', 'flatten', 'hidden', 'hidden#gate', 'hidden#linear', 'input', 'pool', 'relu'].sort(),
      );
      expect(first.training[0]?.validation.at(-1)).toBeGreaterThan(0.9);
      const hidden = first.ranges.find(({ layer, method }) => layer === 'hidden' && method !== 'fixed');
      expect(hidden).toMatchObject({ method: activationRange, bits: 8 });
      expect(hidden?.clipped).toBeLessThan(0.2);
    },
  );

  it('is taken over by quantize/static and by what trains after it', async () => {
    const { model, ranges } = await train([aware, { use: 'quantize/static' }, { use: 'train/fine-tune', ...quick }]);
    const alone = await train([aware]);
    expect([...(model.activations ?? [])].sort()).toEqual([...(alone.model.activations ?? [])].sort());
    expect(new Set(ranges.map(({ method }) => method))).toEqual(new Set(['kept', 'fixed']));
  });
});
