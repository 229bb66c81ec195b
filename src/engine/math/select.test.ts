import { describe, expect, it } from 'vitest';
import { createRng } from './rng.ts';
import { leastMagnitude, smallestMagnitudes } from './select.ts';

describe('smallestMagnitudes', () => {
  it('finds the k-th smallest of several arrays as sorting does', () => {
    const rng = createRng(4);
    const arrays = [300, 1, 77].map((length) => Float32Array.from({ length }, () => rng.normal() * 10 ** (rng.integer(60) - 30)));
    const sorted = Float32Array.from(arrays.flatMap((values) => Array.from(values, Math.abs))).sort();
    const patterns = new Uint32Array(sorted.buffer);
    for (const count of [1, 2, 100, 377, 378]) {
      const { pattern, ties } = smallestMagnitudes(
        arrays.map((values) => ({ values })),
        count,
      );
      expect(pattern).toBe(patterns[count - 1]);
      expect(ties).toBe(1);
    }
  });
});

describe('leastMagnitude', () => {
  it.each([0, 1e-40, 3e-31, 0.125, 7e30])('finds %d at its own scale', (wanted) => {
    expect(leastMagnitude((magnitude) => magnitude >= Math.fround(wanted))).toBe(Math.fround(wanted));
  });
});
