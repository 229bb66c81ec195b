/**
 * Palettes: the few values a tensor (or a run of its channels) may take.
 *
 *   k-means        least squares; where pruned weights or many exact zeros must stay zero, one entry is zero
 *   nf4            the 16 NormalFloat levels of QLoRA (Dettmers et al. 2023), times the largest magnitude
 *   power-of-two   0 and ±2^e for the 2^(b−1) − 1 exponents below the top one, which starts at ⌊log2(4/3 · max|w|)⌋ (INQ, Zhou
 *                  et al. 2017) and is lowered while the squared error falls; with one bit ±2^e alone
 */
import { kMeans } from '../../math/k-means.ts';
import type { Rng } from '../../math/rng.ts';
import { gridOf } from './grid.ts';

export const paletteKinds = ['k-means', 'nf4', 'power-of-two'] as const;
export type PaletteKind = (typeof paletteKinds)[number];

const nf4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
] as const;

/** Entries of a k-means palette, ascending and distinct, at most 2^bits, for values sorted ascending. */
export function kMeansLevels(sorted: Float32Array, bits: number, holdsZero: boolean, rng: Rng): Float32Array {
  if (sorted.length === 0) return Float32Array.of(0);
  const zero = holdsZero || keepsZeros(sorted, bits);
  const low = Math.min(sorted[0] as number, zero ? 0 : Number.POSITIVE_INFINITY);
  const high = Math.max(sorted[sorted.length - 1] as number, zero ? 0 : Number.NEGATIVE_INFINITY);
  const { scale, min, top } = gridOf(low, high, { bits, symmetric: false, narrow: false });
  const uniform = Float64Array.from({ length: top + 1 }, (_, code) => code * scale + min);
  return distinct(kMeans(sorted, 2 ** bits, { zero, starts: [uniform], rng }).centroids);
}

/** Entries of a palette that is known but for its scale; sorted values as above. */
export function fixedLevels(kind: Exclude<PaletteKind, 'k-means'>, sorted: Float32Array, bits: number): Float32Array {
  const largest = sorted.length === 0 ? 0 : Math.max(-(sorted[0] as number), sorted[sorted.length - 1] as number);
  return kind === 'nf4' ? distinct(nf4.map((level) => level * largest)) : powersOfTwo(sorted, largest, bits);
}

/** Whether exact zeros alone fill an entry's fair share, as in a tensor that was pruned before it was saved. */
function keepsZeros(sorted: Float32Array, bits: number): boolean {
  let zeros = 0;
  for (const value of sorted) if (value === 0) zeros++;
  return zeros * 2 ** bits >= sorted.length;
}

function distinct(levels: Iterable<number>): Float32Array {
  const rounded = Float32Array.from(levels, (level) => level + 0).sort();
  return rounded.filter((level, i) => i === 0 || level !== rounded[i - 1]);
}

function powersOfTwo(sorted: Float32Array, largest: number, bits: number): Float32Array {
  if (largest === 0) return Float32Array.of(0);
  const highest = Math.floor(Math.log2((4 / 3) * largest));
  const count = 2 ** (bits - 1) - 1;
  let best: Float32Array = new Float32Array();
  let least = Number.POSITIVE_INFINITY;
  for (let top = highest; top > highest - 12; top--) {
    const magnitudes = Array.from({ length: Math.max(count, 1) }, (_, i) => 2 ** (top - i));
    const levels = distinct([...magnitudes, ...magnitudes.map((level) => -level), ...(count > 0 ? [0] : [])]);
    const error = paletteError(sorted, levels);
    if (error >= least) break;
    least = error;
    best = levels;
  }
  return best;
}

function paletteError(values: Float32Array, levels: Float32Array): number {
  const bounds = middles(levels);
  let sum = 0;
  for (const value of values) sum += (value - (levels[nearest(value, bounds)] as number)) ** 2;
  return sum;
}

/** The middles between neighbouring levels; a value up to a middle belongs to the level below it. */
export function middles(levels: Float32Array): Float64Array {
  return Float64Array.from({ length: levels.length - 1 }, (_, i) => ((levels[i] as number) + (levels[i + 1] as number)) / 2);
}

/** The index of the level nearest to a value. */
export function nearest(value: number, bounds: Float64Array): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (bounds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
