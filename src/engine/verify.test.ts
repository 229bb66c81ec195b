import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Context } from './context.ts';
import { arrayDataset } from './data/array-dataset.ts';
import { splitIndices } from './data/split.ts';
import { readTfjsLayers } from './formats/tfjs-layers/read.ts';
import { writeTfjsLayers } from './formats/tfjs-layers/write.ts';
import { createRng } from './math/rng.ts';
import { answerOf } from './metrics/accuracy.ts';
import type { Model } from './model/model.ts';
import type { CreatePredictor } from './runtime/predictor.ts';
import { noise, runSmall, smallModel, weightIn } from './testing/small-model.ts';
import { loadStock, relativeDifference, verifyTfjsLayers } from './verify.ts';

const context: Context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const model = smallModel({ x: [4] }, [
  { name: 'hidden', op: 'Dense', config: { units: 6, activation: 'relu' } },
  { name: 'classes', op: 'Dense', config: { units: 3, activation: 'softmax' } },
]);

/** Runs `of` whatever model it is asked for. */
const creating =
  (of?: Model): CreatePredictor =>
  async (given) => ({
    backend: 'cpu',
    inputShapes: [[4]],
    peakBytes: 0,
    predict: async (inputs, count) => runSmall(of ?? given, inputs, count),
    dispose: () => {},
  });

const size = 200;
const samples = noise(4 * size);
const [scores = new Float32Array(0)] = runSmall(model, [samples], size);
/** Right for all samples but every tenth. */
const labels = Int32Array.from({ length: size }, (_, i) => (answerOf(scores, i, 3) + (i % 10 === 0 ? 1 : 0)) % 3);
const dataset = arrayDataset({ name: 'points', kind: 'tensors', sampleShape: [4], values: samples, labels });

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const written = () => writeTfjsLayers(model, { precision: 'encoded' }, context);
const job = { model, createPredictor: creating(), read: readTfjsLayers, dataset, preprocessing: 'raw' } as const;

describe('verifyTfjsLayers', () => {
  it('counts what both get right and leaves no tensor behind', async () => {
    const files = await written();
    const tensors = tf.memory().numTensors;
    const result = await verifyTfjsLayers({ ...job, files }, context);
    expect(result).toMatchObject({ samples: 200, correct: { ours: 180, stock: 180 }, runtime: 'TF.js 4.22.0' });
    expect(result.maxRelativeError).toBeLessThan(1e-6);
    expect(result.figures).toMatchObject({ 'accuracy/top1': { value: 0.9 }, 'agreement/top1': { value: 1 } });
    expect(result.text).toMatch(/^Re-opened in stock TF\.js: same 180 of 200, outputs (identical|equal within \S+)\.$/);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('tells the test part alone, with its interval', async () => {
    const parts = splitIndices(dataset);
    if (parts === null) throw new Error('no test part');
    const { test } = await verifyTfjsLayers({ ...job, files: await written(), test: parts.test }, context);
    const right = [...parts.test].filter((i) => i % 10 !== 0).length;
    expect(test).toMatchObject({ samples: 120, figures: { 'accuracy/top1': { value: right / 120, n: 120 } } });
    expect(test?.text).toMatch(/^On the 120 samples that a search never sees: \d\d\.\d % right \(\d\d\.\d–\d\d\.\d %\)\.$/);
  });

  it('measures the test part of values anew, scaled as the whole was', async () => {
    const { labels: _, ...rest } = dataset;
    const targets = Float32Array.from(scores, (score, i) => score + (i % 2 ? 0.1 : -0.1));
    const values = { ...rest, targets };
    const indices = Uint32Array.from({ length: 50 }, (_, i) => 3 * i);
    const { test } = await verifyTfjsLayers({ ...job, files: await written(), dataset: values, test: indices }, context);
    expect(test).toMatchObject({ samples: 50, figures: { 'accuracy/mae': { n: 50 } } });
    expect(test?.figures['accuracy/mae']?.value).toBeCloseTo(0.1, 5);
  });

  it('refuses outputs that differ, and leaves no tensor behind', async () => {
    const weight = weightIn(model, 'hidden/kernel');
    const values = weight.values.map((value, i) => (i === 3 ? value + 0.01 : value));
    const other = { ...model, weights: new Map(model.weights).set('hidden/kernel', { ...weight, values }) };
    const files = await written();
    const tensors = tf.memory().numTensors;
    const wrong = verifyTfjsLayers({ ...job, files, createPredictor: creating(other) }, context);
    await expect(wrong).rejects.toMatchObject({ code: 'EXPORT_VERIFY', detail: expect.stringContaining('outputs differ') });
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses codes that were read back differently', async () => {
    const files = (await written()).map((file) => ({ ...file, bytes: file.bytes.slice() }));
    const shard = files[1]?.bytes ?? new Uint8Array(0);
    shard[9] = (shard[9] ?? 0) ^ 1;
    await expect(verifyTfjsLayers({ ...job, files }, context)).rejects.toThrow(/"hidden\/kernel" is read back with other values/);
  });

  it('refuses files that stock TF.js can not open', async () => {
    const [json, ...others] = await written();
    const text = new TextDecoder().decode(json?.bytes).replace('"Dense"', '"Dance"');
    const bytes = new Uint8Array(new TextEncoder().encode(text));
    await expect(loadStock(tf, [{ path: 'model.json', bytes }, ...others])).rejects.toThrow(/Stock TF\.js refuses .*Dance/s);
    await expect(loadStock(tf, json ? [json] : [])).rejects.toThrow(/group1-shard1of1\.bin" is missing/);
  });

  it('stops at the first batch after an abort', async () => {
    const controller = new AbortController();
    let predicted = 0;
    const createPredictor: CreatePredictor = async (given, options) => {
      const predictor = await creating()(given, options);
      const predict: typeof predictor.predict = async (inputs, count) => {
        predicted++;
        controller.abort(new Error('stopped'));
        return predictor.predict(inputs, count);
      };
      return { ...predictor, predict };
    };
    const stopped = verifyTfjsLayers(
      { ...job, files: await written(), createPredictor },
      { ...context, signal: controller.signal },
    );
    await expect(stopped).rejects.toThrow('stopped');
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
