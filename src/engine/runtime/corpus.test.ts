import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { stockModel } from '../../../bench/stock-model.ts';
import type { Context } from '../context.ts';
import type { Preprocessing } from '../data/dataset.ts';
import { openData } from '../data/index.ts';
import { sourceFile } from '../formats/files.ts';
import { openModel } from '../formats/index.ts';
import { createRng } from '../math/rng.ts';
import { evaluate } from '../metrics/evaluate.ts';
import { elementCount, type Model } from '../model/model.ts';
import { relativeDifference } from '../model/ops/cases.ts';
import { startBackend } from './backends.ts';
import { createPredictor } from './executor.ts';

const corpus = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const context: Context = { signal: new AbortController().signal, report: () => undefined, rng: createRng(1) };

const files = (paths: readonly string[]) =>
  Promise.all(paths.map(async (path) => sourceFile(basename(path), new Uint8Array(await readFile(join(corpus, path))))));
const open = async (paths: readonly string[]): Promise<Model> => openModel(await files(paths), {}, context);

const mnist = ['mnist-idx/t10k-images-idx3-ubyte.gz', 'mnist-idx/t10k-labels-idx1-ubyte.gz'];
const tensorspace = 'tensorspace-mnist/docs';

interface Truth {
  readonly model: readonly string[];
  readonly data: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly limit: number;
  readonly correct: number;
}

/** Counted once on other runtimes; the corpus' README tells how. Others are counted where their scaling is guessed (metrics/truths.test.ts). */
const truths: readonly Truth[] = [
  { model: [`${tensorspace}/keras/rawModel/combined/mnist.h5`], data: mnist, preprocessing: 'unit', limit: 2000, correct: 1958 },
  {
    model: [`${tensorspace}/keras/convertedModel/model.json`, `${tensorspace}/keras/convertedModel/group1-shard1of1`],
    data: mnist,
    preprocessing: 'unit',
    limit: 2000,
    correct: 1958,
  },
  {
    model: [
      `${tensorspace}/tensorflow/convertedModel/graphModel/model.json`,
      `${tensorspace}/tensorflow/convertedModel/graphModel/group1-shard1of1`,
    ],
    data: mnist,
    preprocessing: 'unit',
    limit: 2000,
    correct: 1896,
  },
  {
    model: [`${tensorspace}/tensorflow/rawModel/keras/tf_keras_model.h5`],
    data: mnist,
    preprocessing: 'unit',
    limit: 2000,
    correct: 1956,
  },
];

/** Nets without labelled data: stock TF.js judges the outputs. */
const unlabelled: readonly (readonly string[])[] = [
  ['mlperf-tiny/visual-wake-words/vww_96.h5'],
  ['mobilenet_v1_0.25_224-assembled/model.json', 'mobilenet_v1_0.25_224-assembled/group1-shard1of1.bin'],
  ['fer2013-xception/trained_models/fer2013_big_XCEPTION.54-0.66.hdf5'],
  ['fer2013-xception/trained_models/emotion_models/fer2013_mini_XCEPTION.102-0.66.hdf5'],
  ['keras-colourspark/autoencoder.keras'],
];

describe.skipIf(!existsSync(corpus))('the corpus', () => {
  beforeAll(() => startBackend('simd'));

  it.each(truths.map((truth) => ({ ...truth, name: truth.model[0] })))(
    '$name answers $correct of $limit right',
    async ({ model, data, preprocessing, limit, correct }) => {
      const predictor = await createPredictor(await open(model));
      const dataset = await openData(await files(data), {}, context);
      const result = await evaluate({ predictors: [predictor], dataset, preprocessing, limit, context });
      predictor.dispose();
      expect(result.n).toBe(limit);
      expect(result.correct?.before).toBe(correct);
    },
  );

  it.each(unlabelled.map((paths) => ({ name: paths[0], paths })))('$name answers as stock TF.js does', async ({ paths }) => {
    const model = await open(paths);
    const shape = (model.inputs[0]?.shape ?? []).map((size) => size ?? 32);
    const rng = createRng(2);
    const input = Float32Array.from({ length: 2 * elementCount(shape) }, () => 2 * rng.next() - 1);
    const predictor = await createPredictor(model, { inputShapes: [shape] });
    const [ours = new Float32Array()] = await predictor.predict([input], 2);
    predictor.dispose();
    await startBackend('wasm');
    const stock = await stockModel(model);
    const x = tf.tensor(input, [2, ...shape]);
    const [y] = [stock.predict(x)].flat();
    expect(relativeDifference((await y?.data()) as Float32Array, ours)).toBeLessThan(1e-5);
    tf.dispose([x, y]);
    stock.dispose();
    await startBackend('simd');
  });
});
