/**
 * The entropy that palette codes will have, told from a tensor's histogram. k-means levels are placed by the rule for many levels:
 * their density is that of the values to the power 1/3 (Panter & Dite 1951); the other palettes are known beforehand.
 */
import { entropyOfCounts } from '../../coding/entropy.ts';
import type { WeightSketch } from '../../technique.ts';
import { fixedLevels, middles, type PaletteKind } from './palette.ts';

/** Estimated entropy of the codes, bits per element. */
export function codebookEntropy(sketch: WeightSketch, palette: PaletteKind, bits: number): number {
  const { histogram, elements, zeros } = sketch;
  if (elements === 0 || zeros === 1) return 0;
  const { min, max, counts } = histogram;
  const spikes = zeros * 2 ** bits >= 1;
  const bounds =
    palette === 'k-means'
      ? densityBounds(sketch, 2 ** bits - (spikes ? 1 : 0))
      : middles(fixedLevels(palette, likelyValues(sketch), bits));
  const cells = new Float64Array(bounds.length + 2);
  const width = (max - min) / counts.length;
  for (let bin = 0, cell = 0; bin < counts.length; bin++) {
    while (cell < bounds.length && min + (bin + 0.5) * width > (bounds[cell] as number)) cell++;
    cells[cell] = (cells[cell] as number) + (counts[bin] as number);
  }
  // k-means keeps an own entry for a spike of zeros; other palettes have zero among their levels.
  const zeroCell = palette === 'k-means' && spikes ? bounds.length + 1 : bounds.filter((bound) => bound < 0).length;
  cells[zeroCell] = (cells[zeroCell] as number) + zeros * elements;
  return Math.min(entropyOfCounts(cells), bits, Math.log2(elements));
}

/** Bounds between `count` levels whose density is the values' own to the power 1/3. */
function densityBounds({ histogram: { min, max, counts } }: WeightSketch, count: number): Float64Array {
  const density = counts.map((value) => Math.cbrt(value));
  const total = density.reduce((sum, value) => sum + value, 0);
  const bounds = new Float64Array(Math.max(count - 1, 0));
  let bin = 0;
  let seen = density[0] ?? 0;
  for (let i = 0; i < bounds.length; i++) {
    const rank = ((i + 1) / count) * total;
    while (seen < rank && bin < counts.length - 1) seen += density[++bin] ?? 0;
    bounds[i] = min + ((bin + 1) * (max - min)) / counts.length;
  }
  return bounds;
}

function likelyValues({ histogram: { min, max }, magnitudes }: WeightSketch): Float32Array {
  return Float32Array.from([min, max, ...magnitudes, ...magnitudes.map((value) => -value)]).sort();
}
