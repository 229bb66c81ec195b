import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Context } from './context.ts';
import type { OutputFile } from './format.ts';
import { writeTfjsLayers } from './formats/tfjs-layers/write.ts';
import { createRng } from './math/rng.ts';
import type { Model } from './model/model.ts';
import type { Predictor } from './runtime/predictor.ts';
import { noise, runSmall, smallModel, weightIn } from './testing/small-model.ts';
import { relativeDifference, verifyTfjsLayers } from './verify.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const model = smallModel({ x: [4] }, [
  { name: 'hidden', op: 'Dense', config: { units: 6, activation: 'relu' } },
  { name: 'classes', op: 'Dense', config: { units: 3, activation: 'softmax' } },
]);

const predictorOf = (of: Model): Predictor => ({
  backend: 'cpu',
  inputShapes: [[4]],
  peakBytes: 0,
  predict: async (inputs, count) => runSmall(of, inputs, count),
  dispose: () => {},
});

const batches = [1, 2].map((seed) => {
  const inputs = [noise(20, seed)];
  const [outputs = new Float32Array(0)] = runSmall(model, inputs, 5);
  const labels = Int32Array.from({ length: 5 }, (_, i) => {
    const scores = outputs.subarray(3 * i, 3 * i + 3);
    return i === 0 ? 99 : scores.indexOf(Math.max(...scores));
  });
  return { inputs, count: 5, labels };
});

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const written = () => writeTfjsLayers(model, { precision: 'encoded' }, context);
const verify = async (files: readonly OutputFile[], predictor = predictorOf(model)) =>
  verifyTfjsLayers({ files, predictor, batches, total: 10 }, context);

describe('verifyTfjsLayers', () => {
  it('counts what both get right and leaves no tensor behind', async () => {
    const files = await written();
    const tensors = tf.memory().numTensors;
    const result = await verify(files);
    expect(result).toMatchObject({ samples: 10, agreement: 1, correct: { ours: 8, stock: 8, n: 10 }, runtime: 'TF.js 4.22.0' });
    expect(result.maxRelativeError).toBeLessThan(1e-6);
    expect(result.text).toMatch(/^Re-opened in stock TF\.js: same 8 of 10, outputs equal within \S+ on 10 samples\.$/);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses outputs that differ, and leaves no tensor behind', async () => {
    const weight = weightIn(model, 'hidden/kernel');
    const values = weight.values.map((value, i) => (i === 3 ? value + 0.01 : value));
    const other = { ...model, weights: new Map(model.weights).set('hidden/kernel', { ...weight, values }) };
    const files = await written();
    const tensors = tf.memory().numTensors;
    await expect(verify(files, predictorOf(other))).rejects.toMatchObject({ code: 'EXPORT_VERIFY' });
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses files that stock TF.js can not open', async () => {
    const [json, ...others] = await written();
    const text = new TextDecoder().decode(json?.bytes).replace('"Dense"', '"Dance"');
    const bytes = new Uint8Array(new TextEncoder().encode(text));
    await expect(verify([{ path: 'model.json', bytes }, ...others])).rejects.toThrow(/Stock TF\.js refuses the file: .*Dance/s);
    await expect(verify(json ? [json] : [])).rejects.toThrow(/group1-shard1of1\.bin" is missing/);
  });

  it('stops at the first batch after an abort', async () => {
    const controller = new AbortController();
    let predicted = 0;
    const predictor = predictorOf(model);
    const counting: Predictor = {
      ...predictor,
      predict: async (inputs, count) => {
        predicted++;
        controller.abort(new Error('stopped'));
        return predictor.predict(inputs, count);
      },
    };
    const job = { files: await written(), predictor: counting, batches, total: 10 };
    await expect(verifyTfjsLayers(job, { ...context, signal: controller.signal })).rejects.toThrow('stopped');
    expect(predicted).toBe(1);
  });
});

describe('relativeDifference', () => {
  it.each([
    [[1, -4], [1.5, -4], 0.125],
    [[0, 0], [0, 0], 0],
    [[0, 0], [0, 1], Number.POSITIVE_INFINITY],
    [[Number.NaN, 1], [Number.NaN, 1], 0],
    [[Number.NaN, 1], [2, 1], Number.NaN],
  ])('of %j and %j is %d', (a, b, expected) => {
    expect(relativeDifference(Float32Array.from(a), Float32Array.from(b))).toBe(expected);
  });
});
