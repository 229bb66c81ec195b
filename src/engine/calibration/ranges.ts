/**
 * From what was seen of a value to the range of its grid. `min-max` takes all, `moving-average` the average of each sample's least and
 * largest number, the others clip:
 *
 *   percentile   [quantile(1 − p), quantile(p)]
 *   mse          least Σ (x − x̂)²: half a step's noise Δ²/12 per number inside, (x − end)² outside; both ends together, then each alone
 *   entropy      |x| ≤ T with the least KL(P ‖ Q) between the clipped distribution and the same on the grid's levels (TensorRT; Migacz
 *                2017), on 2,048 bins of |x|; the levels of one sign are 128, or 256 where numbers have one sign alone;
 *                exact zeros do not count
 */
import type { ActivationGrid } from '../model/activation-grid.ts';
import { bins, type Histogram } from './histogram.ts';

export const rangeMethods = ['min-max', 'moving-average', 'percentile', 'mse', 'entropy'] as const;
export type RangeMethod = (typeof rangeMethods)[number];

export interface Seen {
  readonly histogram: Histogram;
  /** Averages of each sample's least and largest number, later samples more: a ← 0.95 a + 0.05 x. */
  readonly average: Range;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface RangeOptions {
  readonly method: RangeMethod;
  /** Of `percentile`, 50–100. */
  readonly percentile: number;
  readonly bits: 8 | 16;
}

/** The range that a method gives a value that was seen; zero lies in every grid made of it. */
export function rangeOf({ histogram, average }: Seen, { method, percentile, bits }: RangeOptions): Range {
  const { min, max } = histogram;
  if (min >= max) return { min, max };
  switch (method) {
    case 'min-max':
      return { min, max };
    case 'moving-average':
      return average;
    case 'percentile':
      return { min: quantile(histogram, 1 - percentile / 100), max: quantile(histogram, percentile / 100) };
    case 'mse':
      return leastSquares(histogram, bits);
    case 'entropy':
      return leastDivergence(histogram, bits);
  }
}

/** The share of numbers that a grid clips. */
export function clippedShare(histogram: Histogram, { min, max }: Pick<ActivationGrid, 'min' | 'max'>): number {
  let outside = 0;
  eachBin(histogram, (centre, count) => {
    if (centre < min || centre > max) outside += count;
  });
  return histogram.total === 0 ? 0 : outside / histogram.total;
}

function eachBin({ counts, first, width, min, max }: Histogram, visit: (centre: number, count: number) => void): void {
  for (let i = 0; i < bins; i++) {
    if (counts[i] !== 0) visit(Math.min(Math.max((first + i + 0.5) * width, min), max), counts[i] as number);
  }
}

/** The least number that a share of all, 0–1, does not exceed (the inverted distribution function), as exact as a bin. */
export function quantile({ counts, first, width, zeros, total, min, max }: Histogram, share: number): number {
  // Counts are whole; what a percentage loses in division must not be one number more.
  const wanted = share * total - 1e-6;
  let below = 0;
  for (let i = 0; i < bins; i++) {
    // Zeros lie at the lower end of their bin.
    if (first + i === 0) {
      below += zeros;
      if (below >= wanted && zeros > 0) return 0;
    }
    const count = counts[i] as number;
    if (count > 0 && below + count >= wanted) {
      const place = (first + i + (wanted - below) / count) * width;
      return Math.min(Math.max(place, min), max);
    }
    below += count;
  }
  return max;
}

/** Ends tried are these shares of the full range. */
const trials = Array.from({ length: 100 }, (_, i) => (100 - i) / 100);

function leastSquares(histogram: Histogram, bits: 8 | 16): Range {
  const { min, max } = histogram;
  const [low, high] = [Math.min(min, 0), Math.max(max, 0)];
  const best = (ranges: readonly Range[]): Range => {
    const errors = ranges.map((range) => squaredError(histogram, range, bits));
    return ranges[errors.indexOf(Math.min(...errors))] as Range;
  };
  const together = best(trials.map((share) => ({ min: low * share, max: high * share })));
  if (low === 0 || high === 0 || bits === 16) return together;
  const upper = best(trials.map((share) => ({ min: together.min, max: high * share })));
  return best(trials.map((share) => ({ min: low * share, max: upper.max })));
}

/** Σ (x − x̂)² on the grid of a range. */
function squaredError(histogram: Histogram, { min, max }: Range, bits: 8 | 16): number {
  const step = bits === 8 ? (max - min) / 255 : Math.max(-min, max) / 32767;
  const noise = step ** 2 / 12;
  let sum = 0;
  eachBin(histogram, (centre, count) => {
    const beyond = centre < min ? min - centre : centre > max ? centre - max : 0;
    sum += count * (beyond > 0 ? beyond ** 2 : noise);
  });
  return sum;
}

function leastDivergence(histogram: Histogram, bits: 8 | 16): Range {
  const { min, max } = histogram;
  const reach = Math.max(-min, max);
  const magnitudes = foldedCounts(histogram, reach);
  const levels = 2 ** (bits - 1) * (min < 0 && max > 0 ? 1 : 2);
  const edge = (leastDivergentEdge(magnitudes, levels) / bins) * reach;
  return { min: Math.max(min, -edge), max: Math.min(max, edge) };
}

/** Counts of |x| in 2,048 bins over [0, reach]; a bin across an edge is shared out. Zeros are left out: every grid has them. */
function foldedCounts({ counts, first, width }: Histogram, reach: number): Float64Array {
  const folded = new Float64Array(bins);
  const size = reach / bins;
  for (let i = 0; i < bins; i++) {
    const count = counts[i] as number;
    if (count === 0) continue;
    const [a, b] = [Math.abs(first + i) * width, Math.abs(first + i + 1) * width];
    const [from, to] = [Math.min(a, b) / size, Math.min(Math.max(a, b) / size, bins)];
    const span = to - from;
    for (let bin = Math.floor(from); bin < to && bin < bins; bin++) {
      const part = Math.min(to, bin + 1) - Math.max(from, bin);
      folded[bin] = (folded[bin] as number) + (span > 0 ? (count * part) / span : count);
    }
  }
  return folded;
}

/** Thresholds are tried this many bins apart. */
const stride = 8;

/** The number of bins of |x| that are kept where KL(P ‖ Q) is least: P has what lies beyond in its last bin, Q is P's bins on `levels` levels. */
export function leastDivergentEdge(counts: Float64Array, levels: number): number {
  let best = bins;
  let least = Number.POSITIVE_INFINITY;
  const total = counts.reduce((a, b) => a + b, 0);
  let inside = counts.subarray(0, Math.min(levels, bins)).reduce((a, b) => a + b, 0);
  for (let kept = Math.min(levels, bins); kept <= bins; kept += stride) {
    for (let i = kept - stride; i < kept; i++) if (i >= levels) inside += counts[i] as number;
    const divergence = divergenceOf(counts, kept, levels, total - inside);
    if (divergence < least) {
      least = divergence;
      best = kept;
    }
  }
  return best;
}

/** KL(P ‖ Q) of the first `kept` bins. A level's count is spread evenly over those of its bins that hold any. */
function divergenceOf(counts: Float64Array, kept: number, levels: number, beyond: number): number {
  const total = counts.subarray(0, kept).reduce((a, b) => a + b, 0);
  if (total === 0) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let level = 0; level < levels; level++) {
    const [from, to] = [Math.floor((level * kept) / levels), Math.floor(((level + 1) * kept) / levels)];
    let [mass, filled] = [0, 0];
    for (let i = from; i < to; i++) {
      mass += counts[i] as number;
      if (counts[i] !== 0) filled++;
    }
    for (let i = from; i < to; i++) {
      const outliers = i === kept - 1 ? beyond : 0;
      const p = ((counts[i] as number) + outliers) / (total + beyond);
      if (p === 0) continue;
      // What Q can not say at all is taken as far less than a single number.
      const q = counts[i] === 0 ? 1e-4 / total : mass / filled / total;
      sum += p * Math.log(p / q);
    }
  }
  return sum;
}
