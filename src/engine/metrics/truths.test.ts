/**
 * Real nets on real data, with the figures that the corpus' README measured independently: the scaling is guessed, then every answer
 * counted. Skipped, and counted, where the corpus is not there.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Preprocessing } from '../data/dataset.ts';
import { guessPreprocessing } from '../data/guess.ts';
import { openData } from '../data/index.ts';
import type { SourceFile } from '../format.ts';
import { openModel } from '../formats/index.ts';
import { createRng } from '../math/rng.ts';
import { startBackend } from '../runtime/backends.ts';
import { createPredictor } from '../runtime/executor.ts';
import { evaluate } from './evaluate.ts';

const root = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };
const teachable = 'teachablemachine/snippets/converter/image/test';

function filesAt(path: string): SourceFile[] {
  const full = join(root, path);
  const entry = statSync(full);
  if (entry.isDirectory()) return readdirSync(full).flatMap((name) => filesAt(`${path}/${name}`));
  return [{ path, size: entry.size, bytes: async () => Uint8Array.from(readFileSync(full)) }];
}

const elsewhere = {
  '88.1 %': 'the same net as 881/1000, and its float .tflite: formats/tflite/corpus.test.ts',
  '87.8 %': 'testing/tflite-interpreter.test.ts',
  '97.9 %': 'runtime/corpus.test.ts, both forms',
  '97.8 %': 'runtime/corpus.test.ts, formats/corpus-accuracy.test.ts',
  '94.8 %': 'runtime/corpus.test.ts',
  '59.2 %': 'on pictures that are not in the corpus',
};

describe.skipIf(!existsSync(root))('measured truths', () => {
  beforeAll(() => startBackend('simd'));

  it('are all that the README of the corpus tells', () => {
    const figures = readFileSync(join(root, 'README.md'), 'utf8').match(/\d+\/\d+(?= (right|=|\|))|\d+\.\d+ %/g);
    const here = ['881/1000', '99.10 %', '98.90 %', '22/22'];
    expect([...new Set(figures)].sort()).toEqual([...here, ...Object.keys(elsewhere)].sort());
  });

  it.each<[string, string, Preprocessing, number, number]>([
    ['mlperf-tiny/image-classification/pretrainedResnet.h5', 'cifar10/cifar10_1000.npz', 'raw', 881, 1000],
    ['keras-moonflower-mnist/mnist_model.h5', 'mnist-idx', 'unit', 1982, 2000],
    ['keras-moonflower-mnist/mnist_model.keras', 'mnist-idx', 'unit', 1978, 2000],
    [`${teachable}/image-model.zip`, `${teachable}/image-model-data.zip`, 'symmetric', 22, 22],
  ])('%s on %s', async (modelPath, dataPath, scaling, correct, n) => {
    const model = await openModel(filesAt(modelPath), {}, context);
    const dataset = await openData(filesAt(dataPath), {}, context);
    const predictor = await createPredictor(model);
    const { preprocessing } = await guessPreprocessing(predictor, dataset, { rescales: false, context });
    expect(preprocessing).toBe(scaling);
    const result = await evaluate({ predictors: [predictor], dataset, preprocessing, limit: n, context });
    predictor.dispose();
    expect([result.correct?.before, result.n]).toEqual([correct, n]);
  });
});
