/** Whole trainings that imitate another model's layers; a pause in between; teachers that do not fit. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet } from '../../../bench/nets.ts';
import { applyRecipe, createRecipeCache } from '../apply.ts';
import type { Context } from '../context.ts';
import { arrayDataset } from '../data/array-dataset.ts';
import { createRng } from '../math/rng.ts';
import type { Model } from '../model/model.ts';
import { parseRecipe } from '../recipe.ts';
import { startBackend } from '../runtime/backends.ts';
import { createPause } from './pause.ts';
import { requireTeacher } from './teacher.ts';

beforeAll(() => startBackend('simd'));

const net = (filters: number, seed: number, inputs = 6, units = 2): Model =>
  buildNet(
    'halves',
    [inputs, inputs, 1],
    [
      { name: 'conv', className: 'Conv2D', config: { filters, kernel_size: 3, use_bias: false } },
      { name: 'norm', className: 'BatchNormalization' },
      { name: 'relu', className: 'ReLU' },
      { name: 'flatten', className: 'Flatten' },
      { name: 'hidden', className: 'Dense', config: { units: 2 * filters, activation: 'relu' } },
      { name: 'answer', className: 'Dense', config: { units, activation: 'softmax' } },
    ],
    seed,
  );
const student = net(4, 1);
const teacher = net(6, 2);

/** Pictures of noise, brighter in their left or right half; what they are is told where `labelled`. */
function halves(labelled: boolean) {
  const rng = createRng(11);
  const labels = Int32Array.from({ length: 96 }, (_, sample) => sample % 2);
  const values = Float32Array.from({ length: 96 * 36 }, (_, i) => {
    const onRight = i % 6 >= 3;
    return rng.next() + (onRight === (labels[Math.floor(i / 36)] === 1) ? 0.7 : 0);
  });
  return arrayDataset({ name: 'halves', kind: 'images', sampleShape: [6, 6, 1], values, ...(labelled ? { labels } : {}) });
}

const data = (labelled = true) => ({ dataset: halves(labelled), preprocessing: 'raw', id: `halves ${labelled}` }) as const;
const contextOf = (more: Partial<Context> = {}): Context => ({
  signal: new AbortController().signal,
  report: () => {},
  rng: createRng(1),
  training: data(),
  teacher,
  ...more,
});
const recipe = (step: Record<string, unknown>) =>
  parseRecipe({ recipe: 1, steps: [{ batchSize: 16, learningRate: 0.01, validation: 0.25, epochs: 3, ...step } as never] });
const train = (step: Record<string, unknown>, context = contextOf()) => applyRecipe(student, recipe(step), context);
const valuesOf = (model: Model) => [...model.weights].map(([id, { values }]) => [id, [...values]]);

describe.each(['distill/features', 'distill/attention'])('%s', (use) => {
  const step = { use, beta: 20, alpha: 0 };

  it('brings the layers nearer, keeps the graph, is the same twice and leaves nothing behind', async () => {
    const first = await train(step);
    const before = tf.memory().numTensors;
    const second = await train(step);
    expect(tf.memory().numTensors).toBe(before);
    expect(valuesOf(second.model)).toEqual(valuesOf(first.model));
    expect([...first.model.weights.keys()]).toEqual([...student.weights.keys()]);
    const [{ losses } = { losses: [0] }] = first.training;
    expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] as number));
    const alone = await train({ ...step, beta: 0 });
    expect(valuesOf(alone.model)).not.toEqual(valuesOf(first.model));
  });

  it('needs no labels', async () => {
    const { training } = await train(step, contextOf({ training: data(false) }));
    expect(training[0]?.metric).toBe('loss');
    expect(training[0]?.losses.at(-1)).toBeLessThan(training[0]?.losses[0] as number);
  });

  it('compares the layers that it is told', async () => {
    const all = await train(step);
    const some = await train({ ...step, pairs: 'relu' });
    expect(valuesOf(some.model)).not.toEqual(use === 'distill/features' ? valuesOf(all.model) : []);
    await expect(train({ ...step, pairs: 'relu=hidden' })).rejects.toMatchObject({ code: 'DISTILL_PAIRS' });
  });
});

describe('a second model as teacher', () => {
  it('is not confused with another, nor with the original', async () => {
    const cache = createRecipeCache();
    const asked = recipe({ use: 'distill/logits', alpha: 1, epochs: 1 });
    const results = [];
    for (const one of [teacher, net(6, 3), student, teacher])
      results.push((await applyRecipe(student, asked, contextOf({ teacher: one }), cache)).model);
    expect(results[3]).toBe(results[0]);
    expect(new Set(results).size).toBe(3);
  });

  it.each([
    ['other answers', net(6, 2, 6, 3), 'Its teacher gives 3 numbers, the model 2.'],
    ['other inputs', net(6, 2, 7), 'Its teacher takes 7×7×1 numbers, the model 6×6×1.'],
  ])('with %s is refused', async (_, other, detail) => {
    await expect(train({ use: 'distill/logits' }, contextOf({ teacher: other }))).rejects.toMatchObject({
      code: 'TRAIN_MODEL',
      detail,
    });
    expect(() => requireTeacher(student, other)).toThrow(expect.objectContaining({ code: 'TRAIN_MODEL', detail }));
    expect(() => requireTeacher(student, teacher)).not.toThrow();
  });
});

describe('a pause', () => {
  it('holds training between two batches and changes nothing about it', async () => {
    const pause = createPause();
    const seen: number[] = [];
    const report: Context['report'] = ({ done }) => {
      seen.push(done);
      if (done !== 2) return;
      pause.pause();
      setTimeout(() => {
        seen.push(Number.NaN);
        pause.resume();
      }, 30);
    };
    const step = { use: 'train/fine-tune', epochs: 1 };
    const { model } = await train(step, contextOf({ training: { ...data(), pause }, report }));
    expect(seen).toEqual([0, 1, 2, Number.NaN, 3]);
    expect(valuesOf(model)).toEqual(valuesOf((await train(step)).model));
  });

  it('ends where the training is to end', async () => {
    const pause = createPause();
    const stop = new AbortController();
    pause.pause();
    setTimeout(() => stop.abort(), 10);
    const training = { ...data(), pause, stop: stop.signal };
    const result = await train({ use: 'train/fine-tune' }, contextOf({ training }));
    expect(result.training[0]).toMatchObject({ stopped: 'asked', epochs: 0 });
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 10);
    await expect(
      train({ use: 'train/fine-tune' }, contextOf({ training: { ...data(), pause }, signal: cancel.signal })),
    ).rejects.toThrow(/abort/i);
  });
});
