/** What pruning does to a tensor's sketch: the share of zeros grows and the innermost parts of its histograms vanish. */
import { sparseFloatEntropy } from '../../coding/entropy.ts';
import type { WeightSketch } from '../../technique.ts';
import type { RankingParams } from './ranking.ts';

type Entry = { readonly sketch: WeightSketch; readonly params: RankingParams };

const thresholds = new WeakMap<readonly Entry[], Map<number, number>>();

/** Share of a tensor's magnitudes below a threshold, 0–1. */
export function shareBelow({ magnitudes }: WeightSketch, threshold: number): number {
  let low = 0;
  let high = magnitudes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((magnitudes[middle] as number) < threshold) low = middle + 1;
    else high = middle;
  }
  return low / magnitudes.length;
}

/** The magnitude below which `sparsity` of all globally ranked weights of that sparsity lie; kept for the other tensors of the step. */
export function sharedThreshold(all: readonly Entry[], sparsity: number): number {
  const known = thresholds.get(all) ?? new Map<number, number>();
  thresholds.set(all, known);
  const found = known.get(sparsity);
  if (found !== undefined) return found;
  const pool = all
    .filter(({ params }) => params.ranking === 'global' && params.pattern === 'unstructured' && params.sparsity === sparsity)
    .map(({ sketch }) => sketch);
  const wanted = sparsity * pool.reduce((sum, sketch) => sum + sketch.elements, 0);
  let low = 0;
  let high = Math.max(0, ...pool.map((sketch) => sketch.magnitudes.at(-1) ?? 0));
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    const below = pool.reduce((sum, sketch) => sum + shareBelow(sketch, middle) * sketch.elements, 0);
    if (below < wanted) low = middle;
    else high = middle;
  }
  known.set(sparsity, low);
  return low;
}

/** The sketch with at least a share of its weights, the smallest, pruned. */
export function pruneSketch(sketch: WeightSketch, share: number): WeightSketch {
  const zeros = Math.max(sketch.zeros, share);
  const kept = sketch.elements * (1 - zeros);
  const { min, max, counts } = sketch.histogram;
  const magnitudes = sketch.magnitudes.slice().fill(0, 0, Math.round(zeros * sketch.magnitudes.length));
  const { stored } = sketch;
  const isFloat = stored.kind === 'float32' || stored.kind === 'float16';
  return {
    ...sketch,
    zeros,
    magnitudes,
    masked: true,
    histogram: { min, max, counts: hollow(counts, max > min ? (-min / (max - min)) * counts.length : 0, kept) },
    channelHistogram: hollow(sketch.channelHistogram, sketch.channelHistogram.length / 2, kept),
    stored: isFloat
      ? { ...stored, entropy: sparseFloatEntropy(zeros, stored.bits), fileEntropy: sparseFloatEntropy(zeros, stored.bits) }
      : stored,
  };
}

/** A histogram with the bins nearest to `center` emptied until `keep` counts are left. */
function hollow(counts: Float64Array, center: number, keep: number): Float64Array {
  const left = counts.slice();
  let remove = left.reduce((sum, count) => sum + count, 0) - keep;
  let below = Math.min(Math.ceil(center), left.length) - 1;
  let above = below + 1;
  while (remove > 0 && (below >= 0 || above < left.length)) {
    const takesLower = above >= left.length || (below >= 0 && center - below - 0.5 <= above + 0.5 - center);
    const bin = takesLower ? below-- : above++;
    const taken = Math.min(left[bin] as number, remove);
    left[bin] = (left[bin] as number) - taken;
    remove -= taken;
  }
  return left;
}
