/**
 * The entropy that codes on a uniform grid will have, told from a tensor's sketch: its histogram is laid over the grid's cells.
 * Per-channel grids use the histogram of values relative to their channel's largest magnitude. Clipping rules are approximated by
 * the sketch's quantiles, MSE search by OCTAV.
 */
import { entropyOfCounts } from '../../coding/entropy.ts';
import type { WeightSketch } from '../../technique.ts';
import type { AffineParams } from './affine.ts';
import { binaryGrid, type Grid, gridOf } from './grid.ts';
import { octavThreshold, percentileOf } from './range.ts';

interface Distribution {
  readonly low: number;
  readonly high: number;
  readonly counts: Float64Array;
  /** Quantiles of |w|, ascending. */
  readonly magnitudes: Float32Array;
}

type GridParams = Pick<AffineParams, 'bits' | 'symmetric' | 'narrow' | 'range' | 'percentile'>;

/** Estimated entropy of the codes, bits per element. */
export function affineEntropy(sketch: WeightSketch, axis: number | null, params: GridParams): number {
  const { elements, zeros, histogram } = sketch;
  const distribution =
    axis === null
      ? { low: histogram.min, high: histogram.max, counts: histogram.counts, magnitudes: sketch.magnitudes }
      : relativeDistribution(sketch);
  if (elements === 0 || zeros === 1) return 0;
  const spread = axis === null || params.symmetric ? 1 : sketch.channelSpread;
  const grid = likelyGrid(distribution, spread, sketch.masked, params);
  return Math.min(codeEntropyOn(distribution, grid, zeros * elements), params.bits, Math.log2(elements));
}

function codeEntropyOn(distribution: Distribution, grid: Grid, zeros: number): number {
  const { low, high, counts } = distribution;
  const width = (high - low) / counts.length;
  if (width <= grid.scale) {
    const cells = cellCounts(distribution, grid);
    const zero = cellOf(0, grid);
    cells[zero] = (cells[zero] as number) + zeros;
    return entropyOfCounts(cells);
  }
  const others = counts.reduce((sum, count) => sum + count, 0);
  // Codes finer than bins: each bin's values spread evenly over the codes within it.
  const finer = entropyOfCounts(counts) + Math.log2(width / grid.scale);
  return entropyOfCounts([zeros, others]) + (others / (zeros + others)) * finer;
}

function relativeDistribution({ channelHistogram, zeros }: WeightSketch): Distribution {
  return { low: -1, high: 1, counts: channelHistogram, magnitudes: foldedQuantiles(channelHistogram, zeros) };
}

/** 512 quantiles of |x| from a histogram over [−1, 1] and the share of zeros. */
function foldedQuantiles(counts: Float64Array, zeros: number): Float32Array {
  const half = counts.length / 2;
  const folded = Float64Array.from({ length: half }, (_, i) => (counts[half + i] ?? 0) + (counts[half - 1 - i] ?? 0));
  const total = folded.reduce((sum, count) => sum + count, 0);
  const quantiles = new Float32Array(512);
  const firstNonZero = Math.round(zeros * quantiles.length);
  let bin = 0;
  let seen = folded[0] ?? 0;
  for (let i = firstNonZero; i < quantiles.length; i++) {
    const rank = ((i - firstNonZero + 0.5) / (quantiles.length - firstNonZero)) * total;
    while (seen < rank && bin < half - 1) seen += folded[++bin] ?? 0;
    quantiles[i] = (bin + 0.5) / half;
  }
  return quantiles;
}

function likelyGrid({ low, high, magnitudes }: Distribution, spread: number, masked: boolean, params: GridParams): Grid {
  if (params.symmetric && params.bits === 1) return binaryGrid(magnitudes.reduce((sum, m) => sum + m, 0) / magnitudes.length);
  const largest = Math.max(-low, high);
  const reach =
    params.range === 'min-max'
      ? largest
      : params.range === 'percentile'
        ? Math.min(largest, percentileOf(magnitudes, params.percentile))
        : octavThreshold(magnitudes, params.bits);
  if (params.symmetric) return gridOf(-reach, reach, params);
  const [from, to] = masked ? [Math.min(low, 0), Math.max(high, 0)] : [low, high];
  const grid = gridOf(Math.max(from, -reach), Math.min(to, reach), params);
  return { scale: grid.scale * spread, min: grid.min, top: grid.top };
}

function cellOf(value: number, { scale, min, top }: Grid): number {
  return Math.min(Math.max(Math.round((value - min) / scale), 0), top);
}

/** Counts per code, where bins are no wider than codes: each bin reaches into two cells at most. */
function cellCounts({ low, high, counts }: Distribution, grid: Grid): Float64Array {
  const width = (high - low) / counts.length;
  const cells = new Float64Array(grid.top + 1);
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number;
    if (count === 0) continue;
    const from = low + bin * width;
    const first = cellOf(from, grid);
    const last = cellOf(from + width, grid);
    const edge = (first + 0.5) * grid.scale + grid.min;
    const share = first === last || width === 0 ? 1 : Math.min(Math.max((edge - from) / width, 0), 1);
    cells[first] = (cells[first] as number) + count * share;
    cells[last] = (cells[last] as number) + count * (1 - share);
  }
  return cells;
}
