import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { bootstrap, quantile, wilson } from './intervals.ts';

describe('wilson', () => {
  // Newcombe 1998 (Stat. Med. 17:857), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('gives the published interval of %i out of %i', (successes, n, low, high) => {
    const interval = wilson(successes, n);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });

  it('stays within 0 and 1 at the ends, and knows nothing from nothing', () => {
    expect(wilson(0, 7)[0]).toBe(0);
    expect(wilson(7, 7)[1]).toBe(1);
    expect(wilson(0, 0)).toEqual([0, 1]);
  });
});

describe('bootstrap', () => {
  it('covers a mean about as the normal approximation does, and repeats for a seed', () => {
    const rng = createRng(5);
    const values = Float64Array.from({ length: 400 }, () => 3 + rng.normal());
    const mean = (indices: Uint32Array): number => indices.reduce((sum, index) => sum + (values[index] ?? 0), 0) / indices.length;
    const interval = bootstrap(400, mean, createRng(1));
    expect(interval[1] - interval[0]).toBeCloseTo(2 * 1.96 * (1 / Math.sqrt(400)), 1);
    expect(interval[0]).toBeLessThan(3.1);
    expect(interval[1]).toBeGreaterThan(2.9);
    expect(bootstrap(400, mean, createRng(1))).toEqual(interval);
  });

  it('interpolates quantiles as NumPy does: np.quantile([1, 2, 4, 8], [0, .25, .5, 1])', () => {
    expect([0, 0.25, 0.5, 1].map((share) => quantile([1, 2, 4, 8], share))).toEqual([1, 1.75, 3, 8]);
  });
});
