/**
 * The one button on the LeNet-5 sample: "smallest within 1 point" on the exploring part of its test pictures. Wanted is a model of at most 10 %
 * of the original's gzip bytes. The search never sees the test part, on which the loss of what it found is told beside it.
 */
import { readFile } from 'node:fs/promises';
import type { SourceFile } from '../src/engine/format.ts';
import {
  applyRecipe,
  createPredictor,
  createRng,
  evaluate,
  openData,
  openModel,
  searchRecipes,
  splitDataset,
  startBackend,
} from '../src/engine/index.ts';
import type { Bench } from './run.ts';

const wantedShare = 0.1;
const maxDropPoints = 1;

async function read(...paths: readonly string[]): Promise<SourceFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const bytes = new Uint8Array(await readFile(`public/${path}`));
      return { path, size: bytes.length, bytes: async () => bytes };
    }),
  );
}

const contextOf = (seed: number) => ({ signal: new AbortController().signal, report: () => {}, rng: createRng(seed) });

async function searchLenet(seed: number) {
  const model = await openModel(await read('models/lenet5/model.json', 'models/lenet5/weights.bin'), {}, contextOf(seed));
  const files = await read('data/mnist/t10k-images-idx3-ubyte.gz', 'data/mnist/t10k-labels-idx1-ubyte.gz');
  const { explore, test } = splitDataset(await openData(files, {}, contextOf(seed)), seed);
  const start = performance.now();
  const goal = { kind: 'accuracy', maxDropPoints } as const;
  const result = await searchRecipes({ model, dataset: explore, preprocessing: 'unit', goal, context: contextOf(seed) });
  const seconds = (performance.now() - start) / 1000;
  const best = result.points.find(({ id }) => id === result.best);
  if (best === undefined || test === null) throw new Error(result.stoppedBy.text);
  const compressed = await applyRecipe(model, best.recipe, contextOf(seed));
  const predictors = [await createPredictor(model), await createPredictor(compressed.model)] as const;
  const measured = await evaluate({ predictors, dataset: test, preprocessing: 'unit', context: contextOf(seed) });
  for (const predictor of predictors) predictor.dispose();
  return { result, best, seconds, testDropPoints: -(measured.paired['accuracy/top1']?.difference.value ?? Number.NaN) };
}

export const bench: Bench = {
  name: 'search',
  summary: 'smallest LeNet-5 within 1 point of accuracy, in gzip bytes of the TF.js file',
  async run({ seeds }) {
    await startBackend('wasm');
    const runs: Awaited<ReturnType<typeof searchLenet>>[] = [];
    for (let seed = 1; seed <= seeds; seed++) runs.push(await searchLenet(seed));
    const worst = runs.reduce((a, b) => (a.best.share > b.best.share ? a : b));
    return {
      bench: 'search',
      ratio: wantedShare / worst.best.share,
      target: `at most ${100 * wantedShare} % of the original's gzip bytes within ${maxDropPoints} point`,
      share: worst.best.share,
      gzip: worst.best.gzip,
      originalGzip: worst.result.before?.gzip,
      dropPoints: worst.best.confirmed?.dropPoints ?? worst.best.dropPoints,
      testDropPoints: worst.testDropPoints,
      candidates: worst.result.points.length,
      stoppedBy: worst.result.stoppedBy.text,
      seconds: worst.seconds,
      recipe: worst.best.recipe,
    };
  },
};
