/**
 * The samples that training learns from: preprocessed once and kept in memory where they fit into 256 MiB, read batch by batch where
 * they don't. Validation samples are drawn class by class from the training data itself, so that test data stays untouched.
 */
import { type Context, checkpoint, type TrainingData } from '../context.ts';
import { checkAnswers, taskOf } from '../data/answers.ts';
import { createPreprocess } from '../data/preprocess.ts';
import { draw, subset } from '../data/split.ts';
import { StudioError } from '../errors.ts';
import type { Rng } from '../math/rng.ts';
import { elementCount } from '../model/model.ts';
import { type Augmentation, augmentInto } from './augment.ts';

const memoryLimit = 2 ** 28;
const portion = 256;

export interface Samples {
  readonly size: number;
  /** What is known of each sample: its class, its values or nothing. */
  readonly task: 'classes' | 'values' | 'none';
  readonly labels?: Int32Array;
  /** Row-major [size, width] values. */
  readonly targets?: Float32Array;
  /** Preprocessed inputs, row-major [indices, ...shape], changed at random where an augmentation and an rng are given. */
  batch(indices: Uint32Array, augmentation?: Augmentation, rng?: Rng): Promise<Float32Array>;
}

/** Training and validation samples for a model with inputs of `shape` and `width` outputs; null where no samples are held out. */
export async function loadSamples(
  { dataset, preprocessing }: TrainingData,
  options: { readonly shape: readonly number[]; readonly width: number; readonly validation: number; readonly seed: number },
  context: Pick<Context, 'signal'>,
): Promise<{ readonly training: Samples; readonly validation: Samples | null }> {
  const { shape, width, validation, seed } = options;
  checkAnswers(dataset, width);
  const count = Math.round(validation * dataset.size);
  const parts = count === 0 ? null : draw(dataset, count, seed);
  const preprocess = await createPreprocess(preprocessing, dataset, shape);
  const load = (part: TrainingData['dataset']) => samplesOf(part, shape, width, preprocess, context);
  if (parts === null || parts.rest === null) return { training: await load(dataset), validation: null };
  return { training: await load(parts.rest), validation: await load(parts.drawn) };
}

async function samplesOf(
  dataset: TrainingData['dataset'],
  shape: readonly number[],
  width: number,
  preprocess: (values: Float32Array) => void,
  context: Pick<Context, 'signal'>,
): Promise<Samples> {
  const elements = elementCount(shape);
  const { size, labels, targets } = dataset;
  const read = async (indices: Uint32Array): Promise<Float32Array> => {
    const values = await subset(dataset, indices).batch(0, indices.length, shape);
    preprocess(values);
    return values;
  };
  const all = size * elements * 4 > memoryLimit ? null : new Float32Array(size * elements);
  for (let start = 0; all !== null && start < size; start += portion) {
    await checkpoint(context);
    const values = await dataset.batch(start, Math.min(portion, size - start), shape);
    preprocess(values);
    all.set(values, start * elements);
  }
  return {
    size,
    task: taskOf(dataset, width),
    ...(labels ? { labels } : {}),
    ...(targets ? { targets } : {}),
    async batch(indices, augmentation = 'none', rng) {
      const values = all === null ? await read(indices) : gathered(all, indices, elements);
      if (augmentation === 'none' || rng === undefined || shape.length !== 3) return values;
      const changed = new Float32Array(values.length);
      for (let start = 0; start < values.length; start += elements) {
        const end = start + elements;
        augmentInto(augmentation, values.subarray(start, end), changed.subarray(start, end), shape, rng);
      }
      return changed;
    },
  };
}

function gathered(all: Float32Array, indices: Uint32Array, elements: number): Float32Array {
  const values = new Float32Array(indices.length * elements);
  indices.forEach((index, row) => {
    values.set(all.subarray(index * elements, (index + 1) * elements), row * elements);
  });
  return values;
}

/** The data to train on. Throws TRAIN_NO_DATA where there is none. */
export function requireData(technique: string, training: TrainingData | undefined): TrainingData {
  if (training !== undefined) return training;
  throw new StudioError({
    code: 'TRAIN_NO_DATA',
    title: `The step ${technique} has nothing to train on.`,
    detail: 'It learns from samples, and no training data was given.',
    hint: 'Open data with labels, or give --train-data on the command line; distillation takes data without labels too.',
    context: { use: technique },
  });
}

/** Throws TRAIN_NO_LABELS where samples say nothing about the right answer. */
export function requireAnswers(technique: string, { task }: Samples): void {
  if (task !== 'none') return;
  throw new StudioError({
    code: 'TRAIN_NO_LABELS',
    title: `The step ${technique} needs to know the right answers.`,
    detail: 'The training data holds neither labels nor values to predict.',
    hint: 'Give labels, or use distill/logits, which learns from the answers of the original model.',
    context: { use: technique },
  });
}
