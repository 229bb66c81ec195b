/** What pruning does to a tensor's sketch: the share of zeros grows and the innermost parts of its histograms vanish. */
import { sparseFloatEntropy } from '../../coding/entropy.ts';
import { leastMagnitude } from '../../math/select.ts';
import type { WeightSketch } from '../../technique.ts';
import { lampScores, shareOut } from './lamp.ts';
import type { RankingParams } from './ranking.ts';

type Entry = { readonly sketch: WeightSketch; readonly params: RankingParams };

/** Steps of |x| in which a channel's shape is looked at. */
const ringCount = 128;

/** Of all entries of a step: what a ranking and a sparsity leave each of them, found once for the tensors of the step. */
const known = new WeakMap<readonly Entry[], Map<string, ReadonlyMap<WeightSketch, number>>>();

/** The share of a tensor's weights that go, 0–1. `all` are the tensors of the step. */
export function shareOf(sketch: WeightSketch, { ranking, sparsity }: RankingParams, all: readonly Entry[]): number {
  if (ranking === 'layer') return sparsity;
  const key = `${ranking} ${sparsity}`;
  const found = known.get(all) ?? new Map<string, ReadonlyMap<WeightSketch, number>>();
  known.set(all, found);
  const shares = found.get(key) ?? sharesOf(all, ranking, sparsity);
  found.set(key, shares);
  return shares.get(sketch) ?? sparsity;
}

function sharesOf(all: readonly Entry[], ranking: 'global' | 'adaptive', sparsity: number): ReadonlyMap<WeightSketch, number> {
  const pool = all
    .filter(({ params }) => params.ranking === ranking && params.pattern === 'unstructured' && params.sparsity === sparsity)
    .map(({ sketch }) => sketch);
  const wanted = sparsity * pool.reduce((sum, sketch) => sum + sketch.elements, 0);
  if (ranking === 'adaptive') {
    const scored = pool.map(({ magnitudes, elements }) => {
      const weight = elements / magnitudes.length;
      return { scores: lampScores(magnitudes, weight), weight };
    });
    const counts = shareOut(scored, wanted);
    return new Map(pool.map((sketch, at) => [sketch, (counts[at] ?? 0) / sketch.magnitudes.length]));
  }
  const shareBelow = ({ magnitudes }: WeightSketch, limit: number) => 1 - shareAbove(magnitudes, limit);
  const threshold = leastMagnitude(
    (middle) => pool.reduce((sum, sketch) => sum + shareBelow(sketch, middle) * sketch.elements, 0) >= wanted,
  );
  return new Map(pool.map((sketch) => [sketch, shareBelow(sketch, threshold)]));
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
    channelHistogram: survivors(sketch, kept),
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

/**
 * What a common threshold leaves of the histogram relative to each channel's largest magnitude: a value x of a channel that reaches
 * to r stays where |x| · r is above it. Channels are taken to have one shape, so that whole channels of small weights vanish.
 */
function survivors({ channelHistogram, channelReach }: WeightSketch, keep: number): Float64Array {
  const half = channelHistogram.length / 2;
  const rings = new Float64Array(ringCount);
  const ringOf = (bin: number) => Math.floor((Math.abs(bin + 0.5 - half) / half) * ringCount);
  channelHistogram.forEach((count, bin) => {
    rings[ringOf(bin)] = (rings[ringOf(bin)] as number) + count;
  });
  const shareOfRing = (ring: number, threshold: number) => shareAbove(channelReach, (threshold * ringCount) / (ring + 0.5));
  const threshold = leastMagnitude((middle) => {
    let total = 0;
    for (let ring = 0; ring < ringCount; ring++) total += (rings[ring] as number) * shareOfRing(ring, middle);
    return total <= keep;
  });
  const shares = rings.map((_, ring) => shareOfRing(ring, threshold));
  return channelHistogram.map((count, bin) => count * (shares[ringOf(bin)] as number));
}

/** Share of ascending values above a limit, 0–1. */
function shareAbove(ascending: Float32Array, limit: number): number {
  let from = 0;
  let to = ascending.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] as number) < limit) from = middle + 1;
    else to = middle;
  }
  return ascending.length === 0 ? 0 : 1 - from / ascending.length;
}
