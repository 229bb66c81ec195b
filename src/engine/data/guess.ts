/**
 * Which scaling a model was trained with, found by trying all four on up to 64 labelled samples spread over the data.
 *
 * The rule: candidates within noise of the best (1 answer or 3 % of them; 0.01 of R²) are equal. A model that scales its own input
 * (Rescaling, Normalization) keeps `raw` while it is among them. Otherwise `raw` pictures give way to a scaled candidate, because a
 * net trained on small numbers often answers raw ones alike but too surely. Of the rest the lowest cross-entropy wins (for values the
 * highest R²), then the order of preference. Without labels nothing is tried: `unit` for pictures, else `raw`.
 */
import type { Context } from '../context.ts';
import { answerOf } from '../metrics/accuracy.ts';
import { explainedVariance } from '../metrics/regression.ts';
import type { Predictor } from '../runtime/predictor.ts';
import { checkAnswers, taskOf } from './answers.ts';
import type { Dataset, Preprocessing } from './dataset.ts';
import { createPreprocess } from './preprocess.ts';

export interface PreprocessingScore {
  readonly preprocessing: Preprocessing;
  /** Correct answers of n; for values R², which may be negative. */
  readonly score: number;
  readonly n: number;
}

export interface PreprocessingGuess {
  readonly preprocessing: Preprocessing;
  /** False where there were no labels to try it on. */
  readonly guessed: boolean;
  readonly candidates: readonly PreprocessingScore[];
}

interface Trial extends PreprocessingScore {
  /** Mean cross-entropy for classes, 1 − R² for values; lower is better. */
  readonly loss: number;
}

const trialSamples = 64;

/** Evenly spread sample indices, the first included: data is often sorted by class. */
export function spreadIndices(size: number, count: number): number[] {
  const n = Math.min(size, count);
  return Array.from({ length: n }, (_, index) => Math.floor((index * size) / n));
}

/** Tries the scalings. `rescales` says that the model scales its own input. Throws DATA_SHAPE or DATA_LABELS where the data does not fit. */
export async function guessPreprocessing(
  predictor: Predictor,
  dataset: Dataset,
  options: { readonly rescales: boolean; readonly context: Context },
): Promise<PreprocessingGuess> {
  const shape = predictor.inputShapes[0] ?? [];
  const pictures = dataset.kind === 'images';
  const preferred: Preprocessing = pictures && !options.rescales ? 'unit' : 'raw';
  if (taskOf(dataset) === 'none') return { preprocessing: preferred, guessed: false, candidates: [] };
  const order: readonly Preprocessing[] =
    preferred === 'raw' ? ['raw', 'standardize', 'unit', 'symmetric'] : ['unit', 'symmetric', 'standardize', 'raw'];
  const indices = spreadIndices(dataset.size, trialSamples);
  const raw = await samplesAt(dataset, indices, shape);
  const trials: Trial[] = [];
  for (const preprocessing of order) {
    options.context.signal.throwIfAborted();
    const values = raw.slice();
    (await createPreprocess(preprocessing, dataset, shape))(values);
    const [outputs = new Float32Array(0)] = await predictor.predict([values], indices.length);
    trials.push({ preprocessing, n: indices.length, ...judgeTrial(outputs, dataset, indices) });
  }
  return {
    preprocessing: choose(trials, options.rescales, pictures),
    guessed: true,
    candidates: trials.map(({ preprocessing, score, n }) => ({ preprocessing, score, n })),
  };
}

/** Raw values of single samples, row-major [indices.length, ...shape]. */
export async function samplesAt(dataset: Dataset, indices: readonly number[], shape: readonly number[]): Promise<Float32Array> {
  const samples: Float32Array[] = [];
  for (const index of indices) samples.push(await dataset.batch(index, 1, shape));
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

function choose(trials: readonly Trial[], rescales: boolean, pictures: boolean): Preprocessing {
  const best = Math.max(...trials.map(({ score }) => score));
  const classes = trials.every(({ score }) => Number.isInteger(score) && score >= 0);
  const noise = classes ? Math.max(1, 0.03 * (trials[0]?.n ?? 0)) : 0.01;
  const equal = trials.filter(({ score }) => score >= best - noise);
  if (rescales && equal.some(({ preprocessing }) => preprocessing === 'raw')) return 'raw';
  const scaled = equal.filter(({ preprocessing }) => preprocessing !== 'raw');
  const pool = pictures && !rescales && scaled.length > 0 ? scaled : equal;
  // A stable sort keeps the order of preference among exact ties.
  return [...pool].sort((a, b) => a.loss - b.loss)[0]?.preprocessing ?? 'raw';
}
