import { describe, expect, it } from 'vitest';
import { kMeans } from './k-means.ts';
import { createRng } from './rng.ts';

/** Exact one-dimensional k-means by dynamic programming over all interval partitions, O(k·n²). */
function exactInertia(sorted: Float32Array, count: number): number {
  const n = sorted.length;
  const cost = (from: number, to: number): number => {
    const part = sorted.subarray(from, to);
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
    return part.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const costs = Array.from({ length: n }, (_, from) =>
    Array.from({ length: n + 1 }, (_, to) => (to > from ? cost(from, to) : 0)),
  );
  let best = Array.from({ length: n + 1 }, (_, to) => costs[0]?.[to] ?? 0);
  for (let k = 1; k < count; k++) {
    best = best.map((_, to) => {
      let least = best[to] as number;
      for (let from = 1; from < to; from++) least = Math.min(least, (best[from] as number) + (costs[from]?.[to] ?? 0));
      return least;
    });
  }
  return best[n] as number;
}

const inertiaOf = (sorted: Float32Array, centroids: Float64Array): number =>
  sorted.reduce((sum, value) => sum + Math.min(...Array.from(centroids, (c) => (c - value) ** 2)), 0);

describe('kMeans', () => {
  it.each([2, 4, 8, 16])('comes within 4 percent of the exact optimum for %i clusters', (count) => {
    for (let seed = 1; seed <= 5; seed++) {
      const rng = createRng(seed);
      const sorted = Float32Array.from({ length: 120 }, () => rng.normal() ** (seed % 2 ? 1 : 3)).sort();
      const { centroids, inertia } = kMeans(sorted, count, { zero: false, starts: [], rng });
      const exact = exactInertia(sorted, count);
      expect(inertia).toBeCloseTo(inertiaOf(sorted, centroids), 6);
      expect(inertia).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
      expect(inertia).toBeLessThanOrEqual(exact * 1.04);
    }
  });

  it('is never worse than a given start', () => {
    const rng = createRng(9);
    const sorted = Float32Array.from({ length: 5000 }, () => rng.normal() ** 3).sort();
    const low = sorted[0] as number;
    const high = sorted[4999] as number;
    const uniform = Float64Array.from({ length: 256 }, (_, i) => low + ((high - low) * i) / 255);
    const { inertia } = kMeans(sorted, 256, { zero: false, starts: [uniform], rng });
    expect(inertia).toBeLessThan(inertiaOf(sorted, uniform));
  });

  it('keeps zero exact where asked', () => {
    const rng = createRng(2);
    const sorted = Float32Array.from({ length: 500 }, () => rng.normal() + 0.3).sort();
    expect(kMeans(sorted, 4, { zero: true, starts: [], rng }).centroids).toContain(0);
  });

  it('gives the distinct values where they are few', () => {
    const rng = createRng(2);
    expect([...kMeans(Float32Array.of(1, 1, 2, 5), 4, { zero: true, starts: [], rng }).centroids]).toEqual([0, 1, 2, 5]);
  });

  it('is the same for the same seed', () => {
    const sorted = Float32Array.from({ length: 900 }, (_, i) => Math.sin(i)).sort();
    const run = () => kMeans(sorted, 8, { zero: false, starts: [], rng: createRng(7) });
    expect(run()).toEqual(run());
  });
});
