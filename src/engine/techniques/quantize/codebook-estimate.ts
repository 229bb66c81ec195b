/**
 * What a palette of a tensor will be like, told from its histogram: the levels, how often each is used, the entropy of the codes and
 * the grid that a TF.js file needs. k-means starts from levels as dense as the cube root of the values' own density (the optimum
 * for many levels, Panter & Dite 1951) and goes on with Lloyd steps over the bins.
 */
import { entropyOfCounts } from '../../coding/entropy.ts';
import { paletteFileBits } from '../../formats/tfjs-layers/snap.ts';
import type { WeightSketch } from '../../technique.ts';
import { fixedLevels, middles, type PaletteKind } from './palette.ts';

export interface PaletteEstimate {
  /** Of the codes, bits per element. */
  readonly entropy: number;
  readonly fileBits: 8 | 16;
}

const lloydSteps = 25;

/** More levels than this, unevenly spaced, do not stay apart on a grid of 256. */
const mostByteLevels = 64;

/** Estimates the palette of `bits` bits. */
export function estimatePalette(sketch: WeightSketch, palette: PaletteKind, bits: number): PaletteEstimate {
  const { elements, zeros, histogram } = sketch;
  if (elements === 0 || zeros === 1) return { entropy: 0, fileBits: 8 };
  const ownZero = palette === 'k-means' && (sketch.masked || zeros * 2 ** bits >= 1);
  const levels = palette === 'k-means' ? lloyd(histogram, 2 ** bits, ownZero) : fixedLevels(palette, likelyValues(sketch), bits);
  const { counts } = assign(histogram, levels);
  const zero = levels.findIndex(
    (level, i) => level === 0 || Math.abs(level) < Math.abs(levels[i + 1] ?? Number.POSITIVE_INFINITY),
  );
  counts[zero] = (counts[zero] as number) + zeros * elements;
  return {
    entropy: Math.min(entropyOfCounts(counts), bits, Math.log2(elements)),
    fileBits:
      levels.length > mostByteLevels
        ? 16
        : paletteFileBits(Array.from(levels, (value, i) => ({ value, count: counts[i] as number }))),
  };
}

/** The values' count and sum in the cell of each level. */
function assign({ min, max, counts }: WeightSketch['histogram'], levels: Float32Array) {
  const bounds = middles(levels);
  const width = (max - min) / counts.length;
  const inCell = new Float64Array(levels.length);
  const sums = new Float64Array(levels.length);
  for (let bin = 0, cell = 0; bin < counts.length; bin++) {
    const center = min + (bin + 0.5) * width;
    while (cell < bounds.length && center > (bounds[cell] as number)) cell++;
    inCell[cell] = (inCell[cell] as number) + (counts[bin] as number);
    sums[cell] = (sums[cell] as number) + (counts[bin] as number) * center;
  }
  return { counts: inCell, sums };
}

function lloyd(histogram: WeightSketch['histogram'], count: number, ownZero: boolean): Float32Array {
  let levels = densityLevels(histogram, count - (ownZero ? 1 : 0));
  if (ownZero) levels = Float32Array.of(...levels, 0).sort();
  for (let step = 0; step < lloydSteps; step++) {
    const { counts, sums } = assign(histogram, levels);
    levels = levels
      .map((level, i) => ((ownZero && level === 0) || counts[i] === 0 ? level : (sums[i] as number) / (counts[i] as number)))
      .sort();
  }
  return levels;
}

/** Levels whose density is the values' own to the power 1/3. */
function densityLevels({ min, max, counts }: WeightSketch['histogram'], count: number): Float32Array {
  const density = counts.map((value) => Math.cbrt(value));
  const total = density.reduce((sum, value) => sum + value, 0);
  const levels = new Float32Array(count);
  let bin = 0;
  let seen = density[0] ?? 0;
  for (let i = 0; i < count; i++) {
    const rank = ((i + 0.5) / count) * total;
    while (seen < rank && bin < counts.length - 1) seen += density[++bin] ?? 0;
    const inside = density[bin] || 1;
    levels[i] = min + ((bin + 1 - (seen - rank) / inside) * (max - min)) / counts.length;
  }
  return levels;
}

function likelyValues({ histogram: { min, max }, magnitudes }: WeightSketch): Float32Array {
  return Float32Array.from([min, max, ...magnitudes, ...magnitudes.map((value) => -value)]).sort();
}
