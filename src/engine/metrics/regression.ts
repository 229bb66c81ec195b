/**
 * Mean absolute error and R² of one or two models that predict values, gathered batch by batch. With several values per sample the errors
 * are averaged and R² is the mean of each value's own (scikit-learn's `uniform_average`). Intervals are percentile bootstraps over
 * samples. A sample with an output that is not finite is left out of both models' figures and counted.
 */
import { createRng } from '../math/rng.ts';
import type { Figures, Measured, Paired } from '../report.ts';
import { bootstrap, type Interval } from './intervals.ts';
import { judge } from './paired.ts';

/** "No measurable loss" for values: the error changes by at most this share of the targets' standard deviation. */
export const marginOfDeviation = 0.005;

export interface RegressionFigures {
  /** Samples that both models answered. */
  readonly n: number;
  readonly before: Figures;
  readonly after: Figures | null;
  readonly paired: { readonly [metric: string]: Paired };
  /** Samples left out because an output was not finite. */
  readonly unanswered: number;
}

export interface RegressionCounter {
  /** Row-major [count, width] outputs of each model and the targets of the same samples. */
  add(before: Float32Array, after: Float32Array | null, targets: Float32Array): void;
  /** Intervals cost a thousand passes over what was gathered, so they are made on request. */
  figures(options: { readonly intervals: boolean }): RegressionFigures;
}

interface Gathered {
  readonly width: number;
  /** Row-major [n, width]. */
  readonly targets: number[];
  readonly outputs: number[];
}

/** A running record for models with `width` outputs; `seed` makes the bootstrap repeatable. */
export function createRegressionCounter(width: number, seed: number): RegressionCounter {
  const targets: number[] = [];
  const before: Gathered = { width, targets, outputs: [] };
  const after: Gathered = { width, targets, outputs: [] };
  let [unanswered, two] = [0, false];
  return {
    add(outputsBefore, outputsAfter, wanted) {
      two ||= outputsAfter !== null;
      for (let start = 0; start < wanted.length; start += width) {
        const first = outputsBefore.subarray(start, start + width);
        const second = outputsAfter?.subarray(start, start + width) ?? new Float32Array(0);
        if (!first.every(Number.isFinite) || !second.every(Number.isFinite)) {
          unanswered++;
          continue;
        }
        targets.push(...wanted.subarray(start, start + width));
        before.outputs.push(...first);
        after.outputs.push(...second);
      }
    },
    figures: ({ intervals }) => {
      const n = targets.length / width;
      return {
        n,
        before: figuresOf(before, n, intervals ? seed : null),
        after: two ? figuresOf(after, n, intervals ? seed : null) : null,
        paired: two && intervals && n > 1 ? { 'accuracy/mae': pairedError(before, after, n, seed) } : {},
        unanswered,
      };
    },
  };
}

/** Absolute error of each sample, averaged over its values. */
function absoluteErrors({ width, targets, outputs }: Gathered, n: number): Float64Array {
  const errors = new Float64Array(n);
  for (const [index, target] of targets.entries()) {
    const sample = Math.floor(index / width);
    errors[sample] = (errors[sample] ?? 0) + Math.abs((outputs[index] ?? 0) - target) / width;
  }
  return errors;
}

function meanAt(values: Float64Array, indices: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < indices.length; index++) sum += values[indices[index] ?? 0] ?? 0;
  return sum / indices.length;
}

/** R² over some samples; NaN where every target is the same and nothing can be explained. */
export function explainedVariance({ width, targets, outputs }: Gathered, indices: ArrayLike<number>): number {
  let total = 0;
  for (let column = 0; column < width; column++) {
    let sum = 0;
    for (let index = 0; index < indices.length; index++) sum += targets[(indices[index] ?? 0) * width + column] ?? 0;
    const mean = sum / indices.length;
    let [residual, spread] = [0, 0];
    for (let index = 0; index < indices.length; index++) {
      const at = (indices[index] ?? 0) * width + column;
      const target = targets[at] ?? 0;
      residual += (target - (outputs[at] ?? 0)) ** 2;
      spread += (target - mean) ** 2;
    }
    total += spread === 0 ? NaN : 1 - residual / spread;
  }
  return total / width;
}

function figuresOf(gathered: Gathered, n: number, seed: number | null): Figures {
  if (n === 0) return {};
  const errors = absoluteErrors(gathered, n);
  const all = Uint32Array.from({ length: n }, (_, index) => index);
  const explained = explainedVariance(gathered, all);
  const figure = (value: number, statistic: (indices: Uint32Array) => number): Measured => {
    const interval = seed === null || n < 2 ? undefined : finite(bootstrap(n, statistic, createRng(seed)));
    return { value, unit: '', n, how: 'measured', ...(interval ? { interval } : {}) };
  };
  return {
    'accuracy/mae': figure(meanAt(errors, all), (indices) => meanAt(errors, indices)),
    ...(Number.isNaN(explained) ? {} : { 'accuracy/r2': figure(explained, (indices) => explainedVariance(gathered, indices)) }),
  };
}

function finite(interval: Interval): Interval | undefined {
  return interval.every(Number.isFinite) ? interval : undefined;
}

function pairedError(before: Gathered, after: Gathered, n: number, seed: number): Paired {
  const [first, second] = [absoluteErrors(before, n), absoluteErrors(after, n)];
  const changes = second.map((error, index) => error - (first[index] ?? 0));
  const [low, high] = bootstrap(n, (indices) => meanAt(changes, indices), createRng(seed));
  const value = changes.reduce((sum, change) => sum + change, 0) / n;
  const mean = before.targets.reduce((sum, target) => sum + target, 0) / before.targets.length;
  const deviation = Math.sqrt(before.targets.reduce((sum, target) => sum + (target - mean) ** 2, 0) / before.targets.length);
  const difference: Measured = { value, unit: '', interval: [low, high], n, how: 'measured' };
  // A smaller error is better, so the sentence speaks of the improvement.
  const gain: Measured = { ...difference, value: -value, interval: [-high, -low] };
  const { verdict, text } = judge(gain, marginOfDeviation * deviation, '');
  return { difference, verdict, text: `${text} Improvement of the mean absolute error, in the target's unit.` };
}
