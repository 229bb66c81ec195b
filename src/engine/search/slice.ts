/**
 * The samples that a search measures on, read once: inputs as the model takes them, and what the original answers. Two figures tell how
 * far a candidate is from the original. The loss is smooth and needs no labels: the mean Kullback–Leibler divergence Σ p·ln(p/q)
 * of its class probabilities, or for values Σ(y − ŷ)² / Σ(y − ȳ)². The score is what a person asks for: accuracy; R² where values are
 * wanted; without labels the share of equal answers; without either 1 − that error.
 */
import { createSamples, type SampleSource } from '../analysis/samples.ts';
import { type Context, checkpoint } from '../context.ts';
import { checkAnswers, taskOf } from '../data/answers.ts';
import type { Dataset } from '../data/dataset.ts';
import { answerOf, noAnswer, proportion } from '../metrics/accuracy.ts';
import { looksLikeClasses } from '../metrics/evaluate.ts';
import { pairedAccuracy } from '../metrics/paired.ts';
import { elementCount } from '../model/model.ts';
import type { Measured, Paired } from '../report.ts';
import type { Predictor } from '../runtime/predictor.ts';

export type ScoreKind = 'accuracy' | 'agreement' | 'r2' | 'closeness';

export interface Slice {
  readonly samples: number;
  readonly synthetic: boolean;
  readonly score: ScoreKind;
  /** Numbers per sample of the output that answers. */
  readonly width: number;
  /** False where outputs are logits, or no classes at all. */
  readonly probabilities: boolean;
  readonly batches: readonly { readonly inputs: readonly Float32Array[]; readonly count: number }[];
  /** The original's outputs, row-major [samples, width]. */
  readonly reference: Float32Array;
  readonly labels: Int32Array | null;
  readonly targets: Float32Array | null;
}

export interface Score {
  readonly kind: ScoreKind;
  readonly value: Measured;
  /** Points lost against the original, hundredths of the score. */
  readonly dropPoints: number;
  /** How sure the loss of accuracy is; null for other scores. */
  readonly paired: Paired | null;
  /** Share of equal answers; null where outputs are no classes. */
  readonly agreement: Measured | null;
}

const batchElements = 2 ** 20;

/** Reads `samples` samples and runs the original on them. Throws DATA_SHAPE or DATA_LABELS where the data does not fit. */
export async function prepareSlice(original: Predictor, source: SampleSource, samples: number, context: Context): Promise<Slice> {
  const { dataset } = source;
  const perSample = original.inputShapes.reduce((sum, shape) => sum + elementCount(shape), 0);
  const size = Math.max(1, Math.min(128, Math.floor(batchElements / perSample)));
  const read = await createSamples(source, original, context.rng.integer(2 ** 31));
  const batches: { inputs: readonly Float32Array[]; count: number }[] = [];
  for (let start = 0; start < samples; start += size) {
    await checkpoint(context);
    const count = Math.min(size, samples - start);
    batches.push({ inputs: await read(start, count), count });
  }
  const reference = await outputsOn(original, { batches, samples }, context);
  return { samples, synthetic: dataset === null, batches, reference, ...measureOf(dataset, reference, samples) };
}

/** What is asked of the model, from the data and its first outputs. */
function measureOf(dataset: Dataset | null, reference: Float32Array, samples: number) {
  const width = reference.length / samples;
  if (dataset !== null) checkAnswers(dataset, width);
  const task = dataset === null ? 'none' : taskOf(dataset, width);
  const likely = looksLikeClasses(reference, width);
  const labels = task === 'classes' ? (dataset?.labels?.subarray(0, samples) ?? null) : null;
  const targets = task === 'values' ? (dataset?.targets?.subarray(0, samples * width) ?? null) : null;
  const unlabelled: ScoreKind = likely ? 'agreement' : 'closeness';
  const score: ScoreKind = labels !== null ? 'accuracy' : targets !== null ? 'r2' : unlabelled;
  return { width, labels, targets, score, probabilities: likely || (labels !== null && width === 1) };
}

/** A model's outputs on the slice, row-major [samples, width]. */
export async function outputsOn(
  predictor: Predictor,
  { batches, samples }: Pick<Slice, 'batches' | 'samples'>,
  context: { readonly signal: AbortSignal },
): Promise<Float32Array> {
  let all = new Float32Array(0);
  let at = 0;
  for (const { inputs, count } of batches) {
    await checkpoint(context);
    const values = (await predictor.predict(inputs, count))[predictor.answer ?? 0] ?? new Float32Array(0);
    if (at === 0) all = new Float32Array((values.length / count) * samples);
    all.set(values, at);
    at += values.length;
  }
  return all;
}

/** The first samples of a slice. */
export function firstOf(slice: Slice, samples: number): Slice {
  const batches: { inputs: readonly Float32Array[]; count: number }[] = [];
  let left = Math.min(samples, slice.samples);
  for (const { inputs, count } of slice.batches) {
    const taken = Math.min(count, left);
    if (taken === 0) break;
    batches.push({ inputs: inputs.map((values) => values.subarray(0, (values.length / count) * taken)), count: taken });
    left -= taken;
  }
  const rows = Math.min(samples, slice.samples);
  return {
    ...slice,
    samples: rows,
    batches,
    reference: slice.reference.subarray(0, rows * slice.width),
    labels: slice.labels?.subarray(0, rows) ?? null,
    targets: slice.targets?.subarray(0, rows * slice.width) ?? null,
  };
}

/** How far outputs are from the original's, 0 where they are equal; infinite where one is not finite. */
export function lossOf(slice: Slice, outputs: Float32Array): number {
  if (!outputs.every(Number.isFinite)) return Number.POSITIVE_INFINITY;
  return slice.score === 'accuracy' || slice.score === 'agreement' ? divergence(slice, outputs) : squaredShare(slice, outputs);
}

function divergence({ reference, width, samples, probabilities }: Slice, outputs: Float32Array): number {
  const [p, q] = [new Float64Array(Math.max(2, width)), new Float64Array(Math.max(2, width))];
  let total = 0;
  for (let row = 0; row < samples; row++) {
    probabilitiesInto(p, reference, row, width, probabilities);
    probabilitiesInto(q, outputs, row, width, probabilities);
    for (let k = 0; k < p.length; k++) total += (p[k] as number) * Math.log((p[k] as number) / (q[k] as number));
  }
  return Math.max(0, total / samples);
}

/** Softmax outputs of float32 may be exactly zero; nothing is that sure. */
const least = 1e-7;

function probabilitiesInto(into: Float64Array, outputs: Float32Array, row: number, width: number, probabilities: boolean): void {
  const values = outputs.subarray(row * width, (row + 1) * width);
  if (width === 1) {
    const value = values[0] as number;
    into[1] = Math.min(1 - least, Math.max(least, probabilities ? value : 1 / (1 + Math.exp(-value))));
    into[0] = 1 - into[1];
    return;
  }
  const highest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let k = 0; k < width; k++) {
    into[k] = least + (probabilities ? Math.max(0, values[k] as number) : Math.exp((values[k] as number) - highest));
    sum += into[k] as number;
  }
  for (let k = 0; k < width; k++) into[k] = (into[k] as number) / sum;
}

/** Σ(y − ŷ)² / Σ(y − ȳ)² over each number of the output, averaged; 0 where the original is constant and so is the candidate. */
function squaredShare({ reference, width, samples }: Slice, outputs: Float32Array): number {
  let [residual, spread] = [0, 0];
  for (let column = 0; column < width; column++) {
    let mean = 0;
    for (let row = 0; row < samples; row++) mean += (reference[row * width + column] as number) / samples;
    for (let row = 0; row < samples; row++) {
      const at = row * width + column;
      residual += ((outputs[at] as number) - (reference[at] as number)) ** 2;
      spread += ((reference[at] as number) - mean) ** 2;
    }
  }
  return residual === 0 ? 0 : residual / spread;
}

/** What a candidate scores, and what the original does. */
export function scoreOf(slice: Slice, outputs: Float32Array): Score {
  const { score: kind, samples, synthetic } = slice;
  const marked = (figure: Measured): Measured => (synthetic ? { ...figure, synthetic } : figure);
  if (kind === 'accuracy' || kind === 'agreement') {
    const counted = countAnswers(slice, outputs);
    const agreement = marked(proportion(counted.same, samples));
    if (kind === 'agreement') {
      return { kind, value: agreement, dropPoints: (100 * (samples - counted.same)) / samples, paired: null, agreement };
    }
    const { right, gained, lost } = counted;
    const paired = pairedAccuracy(gained, lost, samples);
    return { kind, value: proportion(right, samples), dropPoints: (100 * (lost - gained)) / samples, paired, agreement };
  }
  const reached = kind === 'r2' ? explained(slice, outputs) : 1 - squaredShare(slice, outputs);
  // An output that is not finite is as bad as can be, and still a number that JSON can say.
  const wanted = Number.isFinite(reached) ? reached : -1e9;
  const before = kind === 'r2' ? explained(slice, slice.reference) : 1;
  const value = marked({ value: wanted, unit: 'fraction', n: samples, how: 'measured' });
  return { kind, value, dropPoints: 100 * (before - wanted), paired: null, agreement: null };
}

function countAnswers({ reference, labels, samples, width }: Slice, outputs: Float32Array) {
  let [same, right, gained, lost] = [0, 0, 0, 0];
  for (let row = 0; row < samples; row++) {
    const [was, is] = [answerOf(reference, row, width), answerOf(outputs, row, width)];
    if (was === is && is !== noAnswer) same++;
    const label = labels?.[row];
    if (is === label) right++;
    if (is === label && was !== label) gained++;
    if (is !== label && was === label) lost++;
  }
  return { same, right, gained, lost };
}

/** R² over all numbers of the output. */
function explained({ targets, samples, width }: Slice, outputs: Float32Array): number {
  let sum = 0;
  for (let column = 0; column < width; column++) {
    let [mean, residual, spread] = [0, 0, 0];
    for (let row = 0; row < samples; row++) mean += (targets?.[row * width + column] ?? 0) / samples;
    for (let row = 0; row < samples; row++) {
      const target = targets?.[row * width + column] ?? 0;
      residual += ((outputs[row * width + column] as number) - target) ** 2;
      spread += (target - mean) ** 2;
    }
    sum += spread === 0 ? Number(residual === 0) : 1 - residual / spread;
  }
  return sum / width;
}
