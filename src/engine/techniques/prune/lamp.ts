/**
 * One ranking over all layers that does not care for the scale of each (LAMP; Lee et al. 2021, "Layer-adaptive Sparsity for the
 * Magnitude-based Pruning"): a weight's score is its square over the sum of the squares of all weights of its tensor that are no smaller,
 *
 *   score(u) = w_u² / Σ_{|w_v| ≥ |w_u|} w_v²
 *
 * with ties ordered. Within a tensor scores rise with magnitudes, so that a ranking comes down to how many of the smallest each tensor
 * gives up; the largest has score 1 and stays to the last. Folding a normalization, which rescales whole layers, moves it little.
 */
import { leastMagnitude } from '../../math/select.ts';

/** Scores of ascending magnitudes, each of which stands for `weight` numbers. All zeros score 0. */
export function lampScores(ascending: Float32Array, weight = 1): Float32Array {
  const scores = new Float32Array(ascending.length);
  let above = 0;
  for (let i = ascending.length - 1; i >= 0; i--) {
    const square = (ascending[i] as number) ** 2;
    above += square * weight;
    scores[i] = above === 0 ? 0 : square / above;
  }
  return scores;
}

export interface Scored {
  /** Ascending. */
  readonly scores: Float32Array;
  /** Numbers that each score stands for. */
  readonly weight: number;
}

/** How many of the least scores of each go, so that at least `wanted` numbers go together; what ties adds too much is taken off the last ones. */
export function shareOut(all: readonly Scored[], wanted: number): number[] {
  const upTo = (limit: number) => all.map(({ scores }) => countBelow(scores, limit, true));
  const total = (counts: readonly number[]) => counts.reduce((sum, count, at) => sum + count * (all[at]?.weight ?? 1), 0);
  if (wanted <= 0) return all.map(() => 0);
  const limit = leastMagnitude((middle) => total(upTo(middle)) >= wanted);
  const counts = all.map(({ scores }) => countBelow(scores, limit, false));
  let left = wanted - total(counts);
  for (const [at, { scores, weight }] of all.entries()) {
    const ties = countBelow(scores, limit, true) - (counts[at] as number);
    const taken = Math.min(ties, Math.ceil(Math.max(0, left) / weight));
    counts[at] = (counts[at] as number) + taken;
    left -= taken * weight;
  }
  return counts;
}

/** How many ascending numbers lie below a limit, or at it too. */
function countBelow(ascending: Float32Array, limit: number, inclusive: boolean): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const value = ascending[middle] as number;
    if (value < limit || (inclusive && value === limit)) from = middle + 1;
    else to = middle;
  }
  return from;
}
