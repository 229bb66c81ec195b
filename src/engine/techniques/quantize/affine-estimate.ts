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

/** Which weights share a scale. */
interface Sharing {
  readonly axis: number | null;
  readonly group: number | undefined;
  /** Scales of the tensor. */
  readonly scales: number;
}

/** What an order-0 code of many symbols leaves of 16-bit codes, measured on trained nets. */
const mostFileBits = 15.4;

interface Codes {
  /** Bits per element. */
  readonly entropy: number;
  /** Share of codes that stand for zero, 0–1. */
  readonly zeros: number;
}

/** What the codes will be like. */
function likelyCodes(sketch: WeightSketch, { axis, group }: Sharing, params: GridParams): Codes {
  const { elements, zeros, histogram } = sketch;
  const distribution =
    axis === null
      ? { low: histogram.min, high: histogram.max, counts: histogram.counts, magnitudes: sketch.magnitudes }
      : relativeDistribution(sketch);
  if (elements === 0 || zeros === 1) return { entropy: 0, zeros: 1 };
  const channelSpread = axis === null || params.symmetric ? 1 : sketch.channelSpread;
  const spread =
    channelSpread * (group === undefined ? 1 : groupReach(group, elements / Math.max(1, sketch.channelReach.length)));
  const grid = likelyGrid(distribution, spread, sketch.masked, params);
  const codes = codesOn(distribution, grid, zeros * elements);
  return { ...codes, entropy: Math.min(codes.entropy, params.bits, Math.log2(elements)) };
}

/**
 * Estimated bits per element: of the codes, and of what a TF.js file holds. Codes of groups are written on one 16-bit grid, where
 * all but the zeros are told apart by their scale too.
 */
export function affineEntropy(sketch: WeightSketch, sharing: Sharing, params: GridParams): { codes: number; file: number } {
  const { entropy, zeros } = likelyCodes(sketch, sharing, params);
  if (sharing.group === undefined) return { codes: entropy, file: entropy };
  const place = entropyOfCounts([zeros, 1 - zeros]);
  const file = Math.min(entropy + (1 - zeros) * Math.log2(sharing.scales), place + (1 - zeros) * mostFileBits);
  return { codes: entropy, file };
}

/** The largest of `group` weights against the largest of a whole channel: √(2 ln n) each, as normal samples have it. */
function groupReach(group: number, channel: number): number {
  return Math.sqrt(Math.log(2 * Math.min(group, channel)) / Math.log(2 * Math.max(group, channel)));
}

function codesOn(distribution: Distribution, grid: Grid, zeros: number): Codes {
  const { low, high, counts } = distribution;
  const width = (high - low) / counts.length;
  if (width <= grid.scale) {
    const cells = cellCounts(distribution, grid);
    const zero = cellOf(0, grid);
    cells[zero] = (cells[zero] as number) + zeros;
    const all = cells.reduce((sum, count) => sum + count, 0);
    return { entropy: entropyOfCounts(cells), zeros: (cells[zero] as number) / all };
  }
  const others = counts.reduce((sum, count) => sum + count, 0);
  // Codes finer than bins: each bin's values spread evenly over the codes within it.
  const finer = entropyOfCounts(counts) + Math.log2(width / grid.scale);
  const share = zeros / (zeros + others);
  return { entropy: entropyOfCounts([zeros, others]) + (1 - share) * finer, zeros: share };
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
