/** Whole trainings of tiny nets: what they learn, keep, refuse, and leave behind. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import { applyRecipe, createRecipeCache } from '../apply.ts';
import type { Context, TrainingEvent } from '../context.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { createRng } from '../math/rng.ts';
import { modelParameters } from '../metrics/parameters.ts';
import type { Model } from '../model/model.ts';
import { parseRecipe } from '../recipe.ts';
import { startBackend } from '../runtime/backends.ts';
import { drawMixture } from './mixup.ts';

beforeAll(() => startBackend('simd'));

const net = (activation = 'softmax', units = 2): Model =>
  buildNet(
    'halves',
    [6, 6, 1],
    [
      { name: 'conv', className: 'Conv2D', config: { filters: 6, kernel_size: 3, use_bias: false } },
      { name: 'norm', className: 'BatchNormalization' },
      { name: 'relu', className: 'ReLU' },
      { name: 'flatten', className: 'Flatten' },
      { name: 'drop', className: 'Dropout', config: { rate: 0.1 } },
      { name: 'hidden', className: 'Dense', config: { units: 16, activation: 'relu' } },
      { name: 'answer', className: 'Dense', config: { units, activation } },
    ],
  );

/** Pictures that are brighter in their left (0) or right half (1). */
function halves(answers: 'classes' | 'values' | 'none' = 'classes', count = 96): Dataset {
  const rng = createRng(11);
  const labels = Int32Array.from({ length: count }, (_, sample) => sample % 2);
  const values = Float32Array.from({ length: count * 36 }, (_, i) => {
    const onRight = i % 6 >= 3;
    return rng.next() + (onRight === (labels[Math.floor(i / 36)] === 1) ? 0.7 : 0);
  });
  const known = { classes: { labels }, values: { targets: Float32Array.from(labels, (label) => 3 * label - 1) }, none: {} }[
    answers
  ];
  return arrayDataset({ name: 'halves', kind: 'images', sampleShape: [6, 6, 1], values, ...known });
}

const contextOf = (dataset = halves(), more: Partial<Context> = {}): Context => ({
  signal: new AbortController().signal,
  report: () => {},
  rng: createRng(1),
  training: { dataset, preprocessing: 'raw', id: 'halves' },
  ...more,
});

const quick = { batchSize: 16, learningRate: 0.01, validation: 0.25 } as const;
const train = (step: Record<string, unknown>, context = contextOf(), model = net()) =>
  applyRecipe(model, parseRecipe({ recipe: 1, steps: [{ ...quick, ...step }] }), context);
const valuesOf = (model: Model) => [...model.weights].map(([id, { values }]) => [id, [...values]]);

describe('a training', () => {
  it('learns, says how, and is the same twice', async () => {
    const events: TrainingEvent[] = [];
    const step = { use: 'train/fine-tune', epochs: 4, augmentation: 'shift' };
    const first = await train(step, contextOf(halves(), { onTraining: (event) => events.push(event) }));
    const [curve] = first.training;
    expect(curve).toMatchObject({ technique: 'train/fine-tune', epochs: 4, metric: 'accuracy' });
    expect(curve?.losses[3]).toBeLessThan(curve?.losses[0] as number);
    expect(curve?.validation).toHaveLength(5);
    expect(curve?.validation[curve.best]).toBe(Math.max(...(curve?.validation ?? [])));
    expect(curve?.validation[curve.best]).toBeGreaterThan(0.9);
    expect(events.at(-1)).toMatchObject({ step: 1, epoch: 4, epochs: 4, batch: 4, batches: 4, remainingMs: 0 });
    expect(events.filter(({ validationLoss }) => validationLoss !== undefined)).toHaveLength(4);
    expect(valuesOf((await train(step)).model)).toEqual(valuesOf(first.model));
  });

  it('teaches a recurrent net to tell the halves, pruned to fewer units first', async () => {
    const rows = buildNet(
      'rows',
      [6, 6, 1],
      [
        { name: 'rows', className: 'Reshape', config: { target_shape: [6, 6] } },
        { name: 'first', className: 'GRU', config: { units: 8, return_sequences: true, reset_after: true } },
        { name: 'second', className: 'LSTM', config: { units: 8, recurrent_activation: 'sigmoid' } },
        { name: 'answer', className: 'Dense', config: { units: 2, activation: 'softmax' } },
      ],
    );
    const steps = [
      { use: 'prune/channels', ratio: 0.25 },
      { ...quick, use: 'train/fine-tune', epochs: 6, learningRate: 0.03 },
    ];
    const { model, training } = await applyRecipe(rows, parseRecipe({ recipe: 1, steps }), contextOf());
    const [units = 8, width] = model.weights.get('second/recurrent_kernel')?.shape ?? [];
    expect([units < 8, width]).toEqual([true, 4 * units]);
    expect(training[0]?.validation.at(-1)).toBeGreaterThan(0.9);
  });

  it('of fifty steps leaves no tensor behind, nor does one that is broken off', async () => {
    await train({ use: 'train/fine-tune', epochs: 1 });
    const before = tf.memory().numTensors;
    await train({ use: 'quantize/aware', epochs: 13, distill: true });
    expect(tf.memory().numTensors).toBe(before);
    const stop = new AbortController();
    const seen: number[] = [];
    const report: Context['report'] = ({ done }) => {
      seen.push(done);
      if (done === 3) stop.abort();
    };
    await expect(train({ use: 'train/fine-tune' }, contextOf(halves(), { signal: stop.signal, report }))).rejects.toThrow(
      /abort/i,
    );
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that is asked to end keeps the best so far, and is not taken for the whole later', async () => {
    const stop = new AbortController();
    const cache = createRecipeCache();
    const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'train/fine-tune', ...quick, epochs: 5 }] });
    const training = { dataset: halves(), preprocessing: 'raw', id: 'halves', stop: stop.signal } as const;
    const report: Context['report'] = ({ done }) => {
      if (done === 9) stop.abort();
    };
    const { training: curves, notes } = await applyRecipe(net(), recipe, contextOf(halves(), { training, report }), cache);
    expect(curves[0]).toMatchObject({ stopped: 'asked', epochs: 3 });
    expect(notes[0]?.code).toBe('stopped');
    expect(cache.size).toBe(0);
  });

  it('that diverges stops, says so and keeps the weights from before', async () => {
    const { model, training, notes } = await train(
      { use: 'train/fine-tune', optimizer: 'sgd', learningRate: 0.1 },
      contextOf(),
      scaled(1e18),
    );
    expect(training[0]).toMatchObject({ stopped: 'diverged', best: 0 });
    expect(notes[0]).toMatchObject({ code: 'diverged' });
    expect(valuesOf(model)).toEqual(valuesOf(scaled(1e18)));
  });

  it('stops where patience ends', async () => {
    const { training } = await train({ use: 'train/fine-tune', epochs: 40, learningRate: 0.00001, patience: 2 });
    expect(training[0]?.stopped).toBe('patience');
  });

  it.each([
    ['sigmoid', 1, 'classes', 'accuracy'],
    ['sigmoid', 2, 'classes', 'accuracy'],
    ['linear', 2, 'classes', 'accuracy'],
    ['linear', 1, 'values', 'loss'],
  ] as const)('takes the loss that fits %s, %i outputs and %s', async (activation, units, answers, metric) => {
    const { training } = await train({ use: 'train/fine-tune', epochs: 6 }, contextOf(halves(answers)), net(activation, units));
    const { validation = [], best = 0 } = training[0] ?? {};
    expect(training[0]?.metric).toBe(metric);
    if (metric === 'accuracy') expect(validation[best]).toBeGreaterThan(0.9);
    else expect(validation[best]).toBeLessThan(0.3 * (validation[0] as number));
  });

  it.each([
    ['adamw', 'step'],
    ['sgd', 'constant'],
  ])('learns with %s and the schedule %s', async (optimizer, schedule) => {
    const step = { use: 'train/fine-tune', epochs: 6, optimizer, schedule, warmUp: 0.1, clipNorm: 1, balanceClasses: true };
    const { training } = await train({ ...step, labelSmoothing: 0.1, augmentation: 'crop', mixup: true });
    expect(training[0]?.losses.at(-1)).toBeLessThan(training[0]?.losses[0] as number);
  });

  it('mixes samples and answers by the same partners and shares', () => {
    const [inputs, targets] = [
      Float32Array.from([0, 10, 20, 30]),
      Float32Array.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
    ];
    const mix = drawMixture(4, createRng(3));
    mix(inputs);
    mix(targets);
    for (let row = 0; row < 4; row++) {
      const shares = [...targets.subarray(4 * row, 4 * row + 4)];
      expect(shares[row]).toBeGreaterThanOrEqual(0.5);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      expect(inputs[row]).toBeCloseTo(
        shares.reduce((sum, share, of) => sum + share * 10 * of, 0),
        4,
      );
    }
    expect(Math.min(...targets.filter((share) => share >= 0.5))).toBeLessThan(1);
  });

  it('refuses what it can not do, by reason', async () => {
    const step = { use: 'train/fine-tune' };
    await expect(train(step, contextOf(halves('none')))).rejects.toMatchObject({ code: 'TRAIN_NO_LABELS' });
    await expect(train(step, contextOf(), net('tanh'))).rejects.toMatchObject({ code: 'TRAIN_MODEL' });
    await expect(train(step, contextOf(halves('values')))).rejects.toMatchObject({ code: 'DATA_LABELS' });
  });
});

/** The net with the kernel of its last layer times a factor. */
function scaled(factor: number): Model {
  const model = net();
  const weights = new Map(model.weights);
  const kernel = weights.get('answer/kernel');
  if (kernel) weights.set('answer/kernel', { ...kernel, values: kernel.values.map((value) => value * factor) });
  return { ...model, weights };
}

describe('together', () => {
  it('prune, distil without labels and quantize keep what each achieved', async () => {
    const steps = [
      { use: 'prune/gradual', sparsity: 0.6, epochs: 3, frequency: 2, ...quick },
      { use: 'distill/logits', epochs: 1, ...quick },
      { use: 'quantize/aware', bits: 2, firstLastBits: 8, epochs: 1, distill: true, ...quick },
      { use: 'train/fine-tune', epochs: 1, ...quick },
    ];
    const { model, training } = await applyRecipe(net(), parseRecipe({ recipe: 1, steps }), contextOf(halves()));
    expect(training).toHaveLength(4);
    const bits = ['conv', 'hidden', 'answer'].map((layer) => {
      const weight = model.weights.get(`${layer}/kernel`);
      return weight?.encoding.kind === 'affine' ? weight.encoding.bits : 32;
    });
    expect(bits).toEqual([8, 2, 8]);
    const kernels = ['conv', 'hidden', 'answer'].map((layer) => model.weights.get(`${layer}/kernel`));
    const all = kernels.reduce((sum, weight) => sum + (weight?.values.length ?? 0), 0);
    const pruned = kernels.reduce((sum, weight) => sum + (weight?.mask?.filter((kept) => kept === 0).length ?? 0), 0);
    expect(pruned).toBe(Math.round(0.6 * all));
    expect(modelParameters(model).nonZero).toBeLessThanOrEqual(modelParameters(model).all - pruned);
  });

  it('a model repairs itself on samples without labels', async () => {
    const { model: good } = await train({ use: 'train/fine-tune', epochs: 4 });
    const recipe = {
      recipe: 1,
      steps: [
        { use: 'quantize/affine', bits: 2 },
        { use: 'distill/logits', epochs: 6, ...quick },
      ],
    };
    const { training } = await applyRecipe(good, parseRecipe(recipe), contextOf(halves('none')));
    const { validation = [], best = 0, metric } = training[0] ?? {};
    expect(metric).toBe('loss');
    expect(validation[best]).toBeLessThan(0.8 * (validation[0] as number));
  });

  it('a preview trains nothing, and shows what was trained once it is there', async () => {
    const cache = createRecipeCache();
    const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'quantize/aware', bits: 3, epochs: 1, ...quick }] });
    const preview = () => applyRecipe(net(), recipe, contextOf(), cache, { train: 'preview' });
    const plain = parseRecipe({ recipe: 1, steps: [{ use: 'quantize/affine', bits: 3, range: 'mse' }] });
    const before = await preview();
    expect(before.untrained).toBe(true);
    expect(valuesOf(before.model)).toEqual(valuesOf((await applyRecipe(net(), plain, contextOf())).model));
    const trained = await applyRecipe(net(), recipe, contextOf(), cache);
    const after = await preview();
    expect([trained.untrained, after.untrained]).toEqual([false, false]);
    expect(after.model).toBe(trained.model);
  });
});
