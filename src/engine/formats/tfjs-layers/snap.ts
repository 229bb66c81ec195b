/**
 * One grid per tensor for weights that have several. A TF.js manifest holds `value = code · scale + min` with a single scale, so
 * palettes and unsayable per-channel grids are snapped to the best 8- or 16-bit grid that contains 0 (pruned weights stay
 * exactly zero), and the cost is measured: root-mean-square change relative to the root-mean-square weight.
 */
import { type AffineEncoding, axisStride, type CodebookEncoding, codebookGroup, decode, float32 } from '../../model/encoding.ts';
import type { Weight } from '../../model/model.ts';

/** A palette is written in 8 bits only where that moves its weights by no more than this, relative RMS. */
export const paletteBound = 0.01;
/** Per-channel grids are merged into one 16-bit grid only where no channel moves by more than this, relative RMS. */
export const mergedBound = 0.001;

export interface Snapped {
  readonly weight: Weight;
  /** Relative RMS change of the values. */
  readonly relativeError: number;
}

/** A value of a palette and how many weights have it. */
export interface Level {
  readonly value: number;
  readonly count: number;
}

interface Grid {
  readonly scale: number;
  readonly zero: number;
  readonly squaredError: number;
  /** No two different levels share a code. */
  readonly distinct: boolean;
}

/** The weight on an 8-bit grid where all its levels stay apart and move little, else on a 16-bit one. */
export function snapPalette(weight: Weight, encoding: CodebookEncoding): Snapped {
  const levels = usedLevels(weight, encoding);
  const grid = byteGrid(levels);
  return grid === undefined ? placed(weight, 16, wordGrid(levels.map((level) => level.value))) : placed(weight, 8, grid);
}

/** Bits of the one grid that a palette is written on. */
export function paletteFileBits(levels: readonly Level[]): 8 | 16 {
  return byteGrid(levels) === undefined ? 16 : 8;
}

function byteGrid(levels: readonly Level[]): Grid | undefined {
  const energy = levels.reduce((sum, level) => sum + level.count * level.value ** 2, 0);
  const grid = bestByteGrid(levels);
  return grid.distinct && grid.squaredError <= paletteBound ** 2 * energy ? grid : undefined;
}

/** The weight on one 16-bit grid where every channel stands it, else as float32. */
export function snapChannels(weight: Weight, axis: number): Snapped {
  const snapped = placed(weight, 16, wordGrid(weight.values));
  if (worstChannelError(weight, snapped.weight, axis) <= mergedBound) return snapped;
  return { weight: { ...weight, encoding: float32 }, relativeError: 0 };
}

/** Root-mean-square difference of two arrays relative to the first's root-mean-square; 0 where both are all zero. */
export function relativeRms(before: Float32Array, after: Float32Array): number {
  let difference = 0;
  let energy = 0;
  for (let i = 0; i < before.length; i++) {
    difference += ((after[i] as number) - (before[i] as number)) ** 2;
    energy += (before[i] as number) ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / energy);
}

function usedLevels(weight: Weight, { codes, axis, groups, bits, centroids }: CodebookEncoding): Level[] {
  const uses = new Float64Array(centroids.length);
  const stride = axis === null ? codes.length : axisStride(weight.shape, axis);
  const size = axis === null ? 1 : (weight.shape[axis] ?? 1);
  for (let start = 0, index = 0; start < codes.length; start += stride, index = (index + 1) % size) {
    const base = codebookGroup(index, size, groups) << bits;
    for (let i = start; i < start + stride; i++) {
      const level = base + (codes[i] as number);
      uses[level] = (uses[level] as number) + 1;
    }
  }
  const counts = new Map<number, number>();
  uses.forEach((count, level) => {
    const value = centroids[level] as number;
    if (count > 0) counts.set(value, (counts.get(value) ?? 0) + count);
  });
  return [...counts].map(([value, count]) => ({ value, count }));
}

/** Tries every scale that puts the largest level on a code, so that power-of-two palettes come out exact. */
function bestByteGrid(levels: readonly Level[]): Grid {
  const largest = levels.reduce((max, level) => Math.max(max, Math.abs(level.value)), 0);
  let best = gridOf(levels, largest === 0 ? 1 : largest);
  for (let steps = 2; steps <= 255 && largest > 0; steps++) {
    const candidate = gridOf(levels, largest / steps);
    if (candidate.squaredError < best.squaredError) best = candidate;
  }
  return best;
}

function gridOf(levels: readonly Level[], scale: number): Grid {
  const codes = levels.map((level) => Math.round(level.value / scale));
  const lowest = Math.min(0, ...codes);
  const fits = Math.max(0, ...codes) - lowest <= 255;
  const squaredError = levels.reduce((sum, { value, count }, i) => sum + count * ((codes[i] as number) * scale - value) ** 2, 0);
  return {
    scale,
    zero: -lowest,
    squaredError: fits ? squaredError : Number.POSITIVE_INFINITY,
    distinct: new Set(codes).size === levels.length,
  };
}

function wordGrid(values: ArrayLike<number>): { scale: number; zero: number } {
  let low = 0;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // One step is left over because both ends may round outwards.
  const scale = (high - low) / 65534 || 1;
  return { scale, zero: -Math.round(low / scale) };
}

function placed(weight: Weight, bits: 8 | 16, { scale, zero }: { scale: number; zero: number }): Snapped {
  const codes = bits === 8 ? new Uint8Array(weight.values.length) : new Uint16Array(weight.values.length);
  for (let i = 0; i < codes.length; i++) codes[i] = Math.round((weight.values[i] as number) / scale) + zero;
  const encoding: AffineEncoding = {
    kind: 'affine',
    bits,
    symmetric: false,
    axis: null,
    scale: Float64Array.of(scale),
    min: Float64Array.of(-zero * scale),
    codes,
  };
  const values = decode(encoding, weight.shape);
  return { weight: { ...weight, values, encoding }, relativeError: relativeRms(weight.values, values) };
}

function worstChannelError(before: Weight, after: Weight, axis: number): number {
  const stride = axisStride(before.shape, axis);
  const size = before.shape[axis] ?? 1;
  const difference = new Float64Array(size);
  const energy = new Float64Array(size);
  for (let start = 0, channel = 0; start < before.values.length; start += stride, channel = (channel + 1) % size) {
    let [moved, power] = [0, 0];
    for (let i = start; i < start + stride; i++) {
      const value = before.values[i] as number;
      moved += ((after.values[i] as number) - value) ** 2;
      power += value ** 2;
    }
    difference[channel] = (difference[channel] as number) + moved;
    energy[channel] = (energy[channel] as number) + power;
  }
  return difference.reduce((worst, sum, c) => (sum === 0 ? worst : Math.max(worst, Math.sqrt(sum / (energy[c] as number)))), 0);
}
