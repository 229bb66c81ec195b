/**
 * Which range of a channel's values a grid should cover.
 *
 *   min-max     all of it
 *   percentile  all but the outermost (100 − p) % (numpy's linear interpolation)
 *   mse         the fraction of min-max with the least squared error, by search; min-max itself is a candidate
 *   octav       s ← Σ{|w| ≥ s}|w| / (4^−b/3 · n + (1 − 4^−b/3) · #{|w| ≥ s}), Newton's iteration for the clipping point of
 *               least expected squared error (Sakr et al. 2022, eq. 6); on asymmetric grids it clips min-max at ±s
 */
import { type Grid, type GridKind, gridOf, squaredError } from './grid.ts';

export const rangeRules = ['min-max', 'percentile', 'mse', 'octav'] as const;
export type RangeRule = (typeof rangeRules)[number];

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Linear interpolation between the two nearest of some ascending values, as `numpy.percentile`. */
export function percentileOf(ascending: Float32Array, percent: number): number {
  const position = ((ascending.length - 1) * percent) / 100;
  const below = Math.floor(position);
  const low = ascending[below] ?? 0;
  return low + ((ascending[below + 1] ?? low) - low) * (position - below);
}

/** The clipping point of OCTAV for `bits`, at most the largest magnitude. */
export function octavThreshold(magnitudes: Float32Array, bits: number): number {
  const noise = 4 ** -bits / 3;
  let total = 0;
  let largest = 0;
  for (const magnitude of magnitudes) {
    total += magnitude;
    if (magnitude > largest) largest = magnitude;
  }
  let threshold = total / magnitudes.length;
  for (let iteration = 0; iteration < 50; iteration++) {
    let sum = 0;
    let beyond = 0;
    for (let i = 0; i < magnitudes.length; i++) {
      const magnitude = magnitudes[i] as number;
      if (magnitude < threshold) continue;
      sum += magnitude;
      beyond++;
    }
    const next = sum / (noise * magnitudes.length + (1 - noise) * beyond);
    const change = Math.abs(next - threshold);
    threshold = next;
    if (change <= 1e-7 * next) break;
  }
  return Math.min(threshold, largest);
}

/** The scaled-down range whose grid has the least squared error: a coarse scan of 32 factors, then 12 golden-section steps. */
function leastSquares(values: Float32Array, full: Range, gridFor: (range: Range) => Grid): Range {
  const center = full.low <= 0 && full.high >= 0 ? 0 : (full.low + full.high) / 2;
  const shrunk = (factor: number): Range => ({
    low: center + (full.low - center) * factor,
    high: center + (full.high - center) * factor,
  });
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  const errorAt = (factor: number): number => {
    const error = squaredError(values, values.length, gridFor(shrunk(factor)));
    if (error < least) {
      least = error;
      best = factor;
    }
    return error;
  };
  for (let step = 32; step > 0; step--) errorAt(step / 32);
  const golden = (Math.sqrt(5) - 1) / 2;
  let from = Math.max(best - 1 / 32, 1 / 64);
  let to = Math.min(best + 1 / 32, 1);
  for (let step = 0; step < 12; step++) {
    const span = (to - from) * golden;
    if (errorAt(to - span) < errorAt(from + span)) to = from + span;
    else from = to - span;
  }
  return shrunk(best);
}

/** The range of one channel. `values` is scratch: percentile sorts it, octav takes magnitudes in place. */
export function rangeOf(values: Float32Array, full: Range, rule: RangeRule, percentile: number, kind: GridKind): Range {
  const magnitudes = () => {
    for (let i = 0; i < values.length; i++) values[i] = Math.abs(values[i] as number);
    return values;
  };
  switch (rule) {
    case 'min-max':
      return full;
    case 'percentile': {
      if (!kind.symmetric) {
        values.sort();
        return { low: percentileOf(values, 100 - percentile), high: percentileOf(values, percentile) };
      }
      const reach = percentileOf(magnitudes().sort(), percentile);
      return { low: -reach, high: reach };
    }
    case 'mse':
      return leastSquares(values, full, (range) => gridOf(range.low, range.high, kind));
    case 'octav': {
      const reach = octavThreshold(magnitudes(), kind.bits);
      return kind.symmetric
        ? { low: -reach, high: reach }
        : { low: Math.max(full.low, -reach), high: Math.min(full.high, reach) };
    }
  }
}
