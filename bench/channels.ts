/**
 * Channel pruning: what a smaller dense model is worth. Accuracy after at most five epochs of learning from the original, against the
 * original given the same epochs (as in `repair`): LeNet-5 at a quarter of its multiply-accumulates, the depthwise net at half, ResNet8 at two
 * thirds. Time: the vww MobileNet of the corpus, whole and at half its work, alternating in one process in batches of 32.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  applyRecipe,
  createPredictor,
  createRng,
  type Model,
  openModel,
  parseRecipe,
  startBackend,
} from '../src/engine/index.ts';
import { elementCount } from '../src/engine/model/model.ts';
import { modelMacs } from '../src/engine/model/topology.ts';
import {
  careful,
  contextOf,
  corpus,
  files,
  gentle,
  isThere,
  measure,
  type Net,
  onMnist,
  resnet8OnCifar,
  sample,
} from './repair.ts';
import type { Bench } from './run.ts';

/** Few pictures: the original's answers alone, and all of the pictures to learn from. */
const imitating = { learningRate: 0.003, batchSize: 32, temperature: 2, alpha: 1, validation: 0 };

const nets: readonly Net[] = [
  {
    name: 'lenet5',
    model: sample('lenet5'),
    ...onMnist,
    control: [{ use: 'train/fine-tune', epochs: 5, ...gentle }],
    targets: [
      {
        name: 'a quarter of the work, 5 epochs',
        steps: [
          { use: 'prune/channels', ratio: 0.75, importance: 'activation' },
          { use: 'distill/logits', epochs: 5, ...gentle, batchSize: 32 },
        ],
        allowed: { points: 0.3 },
      },
    ],
  },
  {
    name: 'depthwise',
    model: sample('depthwise'),
    ...onMnist,
    control: [{ use: 'train/fine-tune', epochs: 5, ...gentle }],
    targets: [
      {
        name: 'half the work, 5 epochs',
        steps: [
          { use: 'prune/channels', ratio: 0.5, importance: 'activation', ranking: 'layer' },
          { use: 'distill/logits', epochs: 5, ...gentle, learningRate: 0.002, batchSize: 32 },
        ],
        allowed: { points: 0.5 },
      },
    ],
  },
  {
    name: 'resnet8',
    ...resnet8OnCifar,
    control: [{ use: 'train/fine-tune', epochs: 5, ...careful }],
    targets: [
      {
        name: 'two thirds of the work, 5 epochs',
        steps: [
          { use: 'prune/channels', ratio: 1 / 3, ranking: 'layer', where: ['conv2d_1', 'conv2d_3', 'conv2d_6'] },
          { use: 'distill/logits', epochs: 5, ...careful, ...imitating },
        ],
        allowed: { accuracy: 0.86 },
      },
    ],
  },
];

const mobileNet = join(corpus, 'mlperf-tiny/visual-wake-words/vww_96.h5');
const batch = 32;
const pairs = 20;
const wantedSpeed = 1.3;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Median of paired times, whole over pruned. */
async function speedUp(whole: Model, pruned: Model, runs: number): Promise<{ ratio: number; milliseconds: number[] }> {
  const shape = (whole.inputs[0]?.shape ?? []).map((size) => size ?? 1);
  const rng = createRng(1);
  const input = Float32Array.from({ length: batch * elementCount(shape) }, () => rng.normal());
  const predictors = [await createPredictor(whole), await createPredictor(pruned)] as const;
  const times: (readonly [number, number])[] = [];
  const time = async (index: 0 | 1): Promise<number> => {
    const start = performance.now();
    await predictors[index].predict([input], batch);
    return performance.now() - start;
  };
  for (let run = -3; run < runs; run++) {
    const pair = [await time(0), await time(1)] as const;
    if (run >= 0) times.push(pair);
  }
  for (const predictor of predictors) predictor.dispose();
  return {
    ratio: median(times.map(([before, after]) => before / after)),
    milliseconds: [0, 1].map((index) => median(times.map((pair) => pair[index] ?? Number.NaN))),
  };
}

async function mobileNetAtHalf(seeds: number) {
  const model = await openModel(await files([mobileNet]), {}, contextOf(1));
  const recipe = parseRecipe({ recipe: 1, steps: [{ use: 'prune/channels', ratio: 0.5, roundTo: 4 }] });
  const pruned = (await applyRecipe(model, recipe, contextOf(1))).model;
  const macs = modelMacs(model) / modelMacs(pruned);
  return { macs, ...(await speedUp(model, pruned, pairs * seeds)) };
}

export const bench: Bench = {
  name: 'channels',
  summary: 'accuracy and speed of models with fewer channels, after five epochs of learning from the original',
  async run({ seeds }) {
    await startBackend('wasm');
    const speed = existsSync(mobileNet) ? await mobileNetAtHalf(seeds) : null;
    const targets: Awaited<ReturnType<typeof measure>> = [];
    for (const net of nets) if (isThere(net)) targets.push(...(await measure(net, seeds)));
    const ratios = [...targets.map(({ ratio }) => ratio), ...(speed === null ? [] : [speed.ratio / wantedSpeed])];
    return {
      bench: 'channels',
      ratio: Math.min(...ratios),
      target: `every accuracy at least what is wanted, and the MobileNet at half its work ${wantedSpeed} times as fast`,
      seeds,
      speed,
      targets,
    };
  },
};
