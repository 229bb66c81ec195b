/**
 * Inference: our executor against stock `LayersModel.predict` of the same weights on TF.js wasm, alternating in one process; real nets
 * of the corpus too, where it is there. The ratio is the least favourable over nets and batch sizes of stock's time over ours (the
 * median of paired runs); 1 is "never slower".
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { sourceFile } from '../src/engine/formats/files.ts';
import { openModel } from '../src/engine/formats/index.ts';
import { createRng } from '../src/engine/math/rng.ts';
import { elementCount, type Model } from '../src/engine/model/model.ts';
import { startBackend } from '../src/engine/runtime/backends.ts';
import { createPredictor } from '../src/engine/runtime/executor.ts';
import { depthwiseNet, lenet, perceptron, residualNet } from './nets.ts';
import type { Bench } from './run.ts';
import { stockModel } from './stock-model.ts';

const batches = [1, 32];
/** Pairs of runs, and the time they may take, per net, batch size and seed. */
const runsPerSeed = 100;
const secondsPerSeed = 6;

const corpus = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const corpusNets = [
  ['mlperf-tiny/image-classification/pretrainedResnet.h5'],
  ['mlperf-tiny/visual-wake-words/vww_96.h5'],
  ['fer2013-xception/trained_models/emotion_models/fer2013_mini_XCEPTION.102-0.66.hdf5'],
];

async function openCorpus(): Promise<Model[]> {
  if (!existsSync(corpus)) return [];
  const context = { signal: new AbortController().signal, report: () => undefined, rng: createRng(1) };
  const open = async (paths: readonly string[]): Promise<Model> => {
    const read = async (path: string) => sourceFile(basename(path), new Uint8Array(await readFile(join(corpus, path))));
    return openModel(await Promise.all(paths.map(read)), {}, context);
  };
  return Promise.all(corpusNets.map(open));
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Median of the paired ratios stock / ours, and both medians in milliseconds. */
async function compare(model: Model, count: number, seeds: number): Promise<{ ratio: number; ours: number; stock: number }> {
  const [{ shape = [] } = {}] = model.inputs;
  const sampleShape = shape.map((size) => size ?? 1);
  const rng = createRng(1);
  const input = Float32Array.from({ length: count * elementCount(sampleShape) }, () => rng.normal());
  const predictor = await createPredictor(model);
  const stock = await stockModel(model);
  const predictStock = async (): Promise<void> => {
    const x = tf.tensor(input, [count, ...sampleShape]);
    const y = stock.predict(x, { batchSize: count }) as tf.Tensor;
    await y.data();
    tf.dispose([x, y]);
  };
  const predictOurs = (): Promise<unknown> => predictor.predict([input], count);
  const times: { ours: number; stock: number }[] = [];
  const end = performance.now() + 1000 * secondsPerSeed * seeds;
  for (let run = -5; run < runsPerSeed * seeds && (run < 10 || performance.now() < end); run++) {
    const oursFirst = run % 2 === 0;
    const first = await time(oursFirst ? predictOurs : predictStock);
    const second = await time(oursFirst ? predictStock : predictOurs);
    if (run >= 0) times.push(oursFirst ? { ours: first, stock: second } : { ours: second, stock: first });
  }
  predictor.dispose();
  stock.dispose();
  return {
    ratio: median(times.map(({ ours, stock }) => stock / ours)),
    ours: median(times.map(({ ours }) => ours)),
    stock: median(times.map(({ stock }) => stock)),
  };
}

export const bench: Bench = {
  name: 'infer',
  summary: 'our executor against stock LayersModel.predict on TF.js wasm; at least as fast on every net and batch',
  async run({ seeds }) {
    await startBackend('wasm');
    const nets: Record<string, { ratio: number; ours: number; stock: number }> = {};
    for (const model of [lenet(), depthwiseNet(), residualNet(), perceptron(), ...(await openCorpus())]) {
      for (const count of batches) nets[`${model.name} × ${count}`] = await compare(model, count, seeds);
    }
    const ratio = Math.min(...Object.values(nets).map((net) => net.ratio));
    return { bench: 'infer', ratio, target: 'stock time / our time of every net at least 1', unit: 'stock ms / our ms', nets };
  },
};
