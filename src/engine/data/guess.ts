/**
 * Which scaling a model was trained with, found by trying those that suit on 16 to 64 labelled samples spread over the data.
 *
 * The rule: candidates within noise of the best (1 answer or 3 % of them; 0.01 of R²) are equal. Among equals a model that scales its
 * own input (Rescaling, Normalization) keeps `raw`; other models of pictures take `unit` or `symmetric`, then `standardize` or `torch`, then
 * `raw` or `caffe`, because a net often answers too large inputs alike but too surely; tables take `raw` or `standardize` first. Between
 * those of one rank the lower cross-entropy wins (for values the higher R²). With the scaling found, blue first and a centre crop are tried,
 * each once, and taken where they are better beyond noise. Without labels nothing is tried: `unit` for pictures, else `raw`.
 */
import { type Context, checkpoint } from '../context.ts';
import { answerOf } from '../metrics/accuracy.ts';
import { explainedVariance } from '../metrics/regression.ts';
import { elementCount } from '../model/model.ts';
import type { Predictor } from '../runtime/predictor.ts';
import { checkAnswers, taskOf } from './answers.ts';
import type { ChannelOrder, Dataset, Fit, Preprocessing } from './dataset.ts';
import { pictureShape } from './fit.ts';
import { createPreprocess, suits } from './preprocess.ts';

/** A way to feed samples. */
export interface Feeding {
  readonly preprocessing: Preprocessing;
  readonly fit: Fit;
  readonly channels: ChannelOrder;
}

export interface PreprocessingScore extends Feeding {
  /** Correct answers of n; for values R², which may be negative. */
  readonly score: number;
  readonly n: number;
}

export interface PreprocessingGuess extends Feeding {
  /** False where there were no labels to try it on. */
  readonly guessed: boolean;
  readonly candidates: readonly PreprocessingScore[];
}

interface Trial extends PreprocessingScore {
  /** Mean cross-entropy for classes, 1 − R² for values; lower is better. */
  readonly loss: number;
}

/** Fewer where the input is large, so that trying stays quick: 27 pictures of 224 × 224. */
function trialSamples(shape: readonly number[]): number {
  return Math.max(16, Math.min(64, Math.floor(2 ** 22 / elementCount(shape))));
}

/** Evenly spread sample indices, the first included: data is often sorted by class. */
export function spreadIndices(size: number, count: number): number[] {
  const n = Math.min(size, count);
  return Array.from({ length: n }, (_, index) => Math.floor((index * size) / n));
}

export interface GuessOptions {
  /** The model scales its own input. */
  readonly rescales: boolean;
  /** What is tried beside the scaling; nothing where absent. */
  readonly vary?: { readonly fit: boolean; readonly channels: boolean };
  readonly context: Context;
}

/** Tries the scalings. Throws DATA_SHAPE or DATA_LABELS where the data does not fit. */
export async function guessPreprocessing(
  predictor: Predictor,
  dataset: Dataset,
  options: GuessOptions,
): Promise<PreprocessingGuess> {
  const shape = predictor.inputShapes[0] ?? [];
  const pictures = dataset.kind === 'images';
  const { fit = 'squash', channels = 'rgb' } = dataset;
  const preferred: Preprocessing = pictures && !options.rescales ? 'unit' : 'raw';
  if (taskOf(dataset) === 'none') return { preprocessing: preferred, fit, channels, guessed: false, candidates: [] };
  const ranks = ranksOf(options.rescales, pictures);
  const indices = spreadIndices(dataset.size, trialSamples(shape));
  const trials: Trial[] = [];
  let noise = Math.max(1, 0.03 * indices.length);
  const attempt = async (feeding: Feeding, raw: Float32Array): Promise<Trial> => {
    await checkpoint(options.context);
    const values = raw.slice();
    (await createPreprocess(feeding.preprocessing, { ...dataset, channels: feeding.channels }, shape))(values);
    const outputs = (await predictor.predict([values], indices.length))[predictor.answer ?? 0] ?? new Float32Array(0);
    const trial = { ...feeding, n: indices.length, ...judgeTrial(outputs, dataset, indices) };
    trials.push(trial);
    if (taskOf(dataset, outputs.length / indices.length) === 'values') noise = 0.01;
    return trial;
  };
  const raw = await samplesAt(dataset, indices, shape);
  const suited = ranks.flat().filter((preprocessing) => suits(preprocessing, shape));
  for (const preprocessing of suited) await attempt({ preprocessing, fit, channels }, raw);
  let best = choose(trials, ranks, noise);
  const take = (trial: Trial): void => {
    if (trial.score > best.score + noise) best = trial;
  };
  if (options.vary?.channels && pictures && suits('caffe', shape)) {
    // `caffe` may have been best for its blue alone: another scaling gets its turn with blue first.
    const { preprocessing } = choose(
      trials.filter((trial) => trial.preprocessing !== 'caffe'),
      ranks,
      noise,
    );
    take(await attempt({ preprocessing, fit, channels: 'bgr' }, raw));
  }
  if (options.vary?.fit && changesAspect(dataset, shape)) {
    const { preprocessing, channels: order } = best;
    take(await attempt({ preprocessing, fit: 'crop', channels: order }, await samplesAt(dataset, indices, shape, 'crop')));
  }
  return {
    preprocessing: best.preprocessing,
    fit: best.fit,
    channels: best.channels,
    guessed: true,
    candidates: trials.map(({ loss: _, ...candidate }) => candidate),
  };
}

/** True where some pictures have another aspect than the model's input, so that it matters how they are made to fit. */
export function changesAspect({ kind, sampleShape }: Dataset, shape: readonly number[]): boolean {
  const input = pictureShape(shape);
  if (kind !== 'images' || input === null) return false;
  if (sampleShape === null) return true;
  const [height = 1, width = 1] = sampleShape;
  return height * input[1] !== width * input[0];
}

/** Raw values of single samples, row-major [indices.length, ...shape]. */
export async function samplesAt(
  dataset: Dataset,
  indices: readonly number[],
  shape: readonly number[],
  fit?: Fit,
): Promise<Float32Array> {
  const samples: Float32Array[] = [];
  for (const index of indices) samples.push(await dataset.batch(index, 1, shape, fit));
  const width = samples[0]?.length ?? 0;
  const values = new Float32Array(samples.length * width);
  for (const [index, sample] of samples.entries()) values.set(sample, index * width);
  return values;
}

function judgeTrial(outputs: Float32Array, dataset: Dataset, indices: readonly number[]): { score: number; loss: number } {
  const width = outputs.length / indices.length;
  checkAnswers(dataset, width);
  if (taskOf(dataset, width) === 'values') {
    const targets = indices.flatMap((index) => [...(dataset.targets?.subarray(index * width, (index + 1) * width) ?? [])]);
    const explained = explainedVariance(
      { width, targets, outputs: [...outputs] },
      indices.map((_, row) => row),
    );
    const score = Number.isFinite(explained) ? explained : -Number.MAX_VALUE;
    return { score, loss: 1 - score };
  }
  let [score, loss] = [0, 0];
  for (const [row, index] of indices.entries()) {
    const label = dataset.labels?.[index] ?? 0;
    if (answerOf(outputs, row, width) === label) score++;
    loss += crossEntropy(outputs.subarray(row * width, (row + 1) * width), label);
  }
  return { score, loss: loss / indices.length };
}

/** −ln p of the label. Outputs that are no probabilities are taken for logits. */
function crossEntropy(outputs: Float32Array, label: number): number {
  const worst = -Math.log(1e-7);
  if (!outputs.every(Number.isFinite)) return worst;
  const positive = outputs[0] ?? 0;
  const probabilities = outputs.length === 1 ? Float32Array.of(1 - positive, positive) : outputs;
  let [sum, lowest, highest] = [0, Infinity, -Infinity];
  for (const value of probabilities) {
    sum += value;
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  const own = probabilities[label] ?? 0;
  if (lowest >= 0 && Math.abs(sum - 1) < 1e-3) return Math.min(worst, -Math.log(Math.max(own, 1e-7)));
  let exponentials = 0;
  for (const value of probabilities) exponentials += Math.exp(value - highest);
  return Math.min(worst, highest + Math.log(exponentials) - own);
}

/** Scalings by rank, the likeliest first; those of one rank are told apart by their loss. */
function ranksOf(rescales: boolean, pictures: boolean): readonly (readonly Preprocessing[])[] {
  if (rescales) return [['raw'], ['unit', 'symmetric'], ['standardize', 'torch', 'caffe']];
  return pictures
    ? [
        ['unit', 'symmetric'],
        ['standardize', 'torch'],
        ['raw', 'caffe'],
      ]
    : [
        ['raw', 'standardize'],
        ['unit', 'symmetric'],
      ];
}

function choose(trials: readonly Trial[], ranks: readonly (readonly Preprocessing[])[], noise: number): Trial {
  const best = Math.max(...trials.map(({ score }) => score));
  const equal = trials.filter(({ score }) => score >= best - noise).sort((a, b) => a.loss - b.loss);
  for (const rank of ranks) {
    const chosen = equal.find(({ preprocessing }) => rank.includes(preprocessing));
    if (chosen) return chosen;
  }
  throw new RangeError('No scaling suits.');
}
