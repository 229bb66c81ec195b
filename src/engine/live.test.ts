import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lenet } from '../../bench/nets.ts';
import { applyRecipe } from './apply.ts';
import { arrayDataset } from './data/array-dataset.ts';
import { createLive } from './live.ts';
import { createRng } from './math/rng.ts';
import { parseRecipe } from './recipe.ts';
import { startBackend, stopBackend } from './runtime/backends.ts';
import { createPredictor } from './runtime/executor.ts';

beforeAll(() => startBackend('simd'));
afterAll(() => stopBackend('simd'));

const model = lenet();
const shape = (model.inputs[0]?.shape ?? []).map((size) => size ?? 1);
const elements = shape.reduce((a, b) => a * b, 1);
const rng = createRng(3);
const values = Uint8Array.from({ length: 20 * elements }, () => rng.integer(256));
const dataset = arrayDataset({ name: 'noise', kind: 'images', sampleShape: shape, values });
const context = { signal: new AbortController().signal, report: () => {}, rng };
const quantized = async (bits: number) =>
  (await applyRecipe(model, parseRecipe({ recipe: 1, steps: [{ use: 'quantize/affine', bits }] }), context)).model;

it('answers as a predictor made for each result does, by exchanging weights, and frees all', async () => {
  const tensors = tf.memory().numTensors;
  const live = await createLive({ model, dataset, preprocessing: 'unit', count: 5, inputShapes: [shape] });
  expect(live.indices).toEqual([0, 4, 8, 12, 16]);
  const inputs = new Float32Array(5 * elements);
  for (const [row, index] of live.indices.entries()) {
    inputs.set(
      Float32Array.from(values.subarray(index * elements, (index + 1) * elements), (value) => value / 255),
      row * elements,
    );
  }
  for (const bits of [8, 3]) {
    const result = await quantized(bits);
    const { before, after } = await live.answer(result, context);
    for (const [candidate, given] of [
      [model, before],
      [result, after],
    ] as const) {
      const predictor = await createPredictor(candidate);
      const [expected = new Float32Array()] = await predictor.predict([inputs], 5);
      predictor.dispose();
      given.forEach((value, index) => {
        expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 5);
      });
    }
  }
  live.dispose();
  expect(tf.memory().numTensors).toBe(tensors);
});

it('asks both models about one input of raw values', async () => {
  const live = await createLive({ model, dataset, preprocessing: 'unit', count: 2, inputShapes: [shape] });
  const result = await quantized(2);
  const all = await live.answer(result, context);
  const one = await live.ask(result, Float32Array.from(values.subarray(0, elements)));
  one.after.forEach((value, index) => {
    expect(value).toBeCloseTo(all.after[index] ?? Number.NaN, 5);
  });
  const aborted = new AbortController();
  aborted.abort();
  await expect(live.answer(result, { signal: aborted.signal })).rejects.toThrow();
  live.dispose();
});
