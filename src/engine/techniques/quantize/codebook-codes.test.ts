import { describe, expect, it } from 'vitest';
import { createRng } from '../../math/rng.ts';
import { decode } from '../../model/encoding.ts';
import { codeAffine } from './affine-codes.ts';
import { type CodebookOptions, codeCodebook, groupCount } from './codebook-codes.ts';

const rng = createRng(5);
const weights = Float32Array.from({ length: 1800 }, () => rng.normal() ** 3 * 0.05);
const shape = [3, 60, 10];
const options: CodebookOptions = { palette: 'k-means', bits: 4, axis: null, groups: 1 };
const code = (changes: Partial<CodebookOptions>, mask?: Uint8Array, values = weights) =>
  codeCodebook(values, shape, { ...options, ...changes }, mask, createRng(7));
const squared = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0);

describe('codeCodebook', () => {
  it.each([1, 2, 3, 4, 6, 8])('k-means at %i bits is never worse than the uniform min-max grid', (bits) => {
    const uniform = codeAffine(weights, shape, {
      bits,
      symmetric: false,
      narrow: false,
      axis: null,
      range: 'min-max',
      percentile: 100,
      holdsZero: false,
    });
    expect(squared(code({ bits }).values, weights)).toBeLessThanOrEqual(squared(uniform.values, weights) * (1 + 1e-9));
  });

  it('nf4 is the 16 published levels times the largest magnitude', () => {
    const { encoding } = code({ palette: 'nf4' });
    const largest = weights.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const level = (index: number) => (encoding.centroids[index] as number) / largest;
    expect([level(0), level(7), level(15)].map(Math.abs)).toContain(1);
    expect(level(7)).toBe(0);
    expect(level(8)).toBeCloseTo(0.07958029955625534, 6);
    expect(level(1)).toBeCloseTo(-0.6961928009986877, 6);
  });

  it('power-of-two levels are powers of two, three of them at 2 bits', () => {
    const { encoding } = code({ palette: 'power-of-two', bits: 5 });
    for (const level of encoding.centroids) expect(level === 0 || Number.isInteger(Math.log2(Math.abs(level)))).toBe(true);
    expect(new Set(encoding.centroids).size).toBe(31);
    expect(new Set(code({ palette: 'power-of-two', bits: 2 }).encoding.centroids).size).toBe(3);
    expect([...code({ palette: 'power-of-two', bits: 1 }).values].every((value) => value !== 0)).toBe(true);
  });

  it('gives groups of channels palettes of their own', () => {
    const { encoding, values } = code({ axis: 2, groups: groupCount(10, 4) });
    expect(encoding.groups).toBe(4);
    expect(encoding.centroids.length).toBe(4 * 16);
    expect(squared(values, weights)).toBeLessThan(squared(code({}).values, weights));
    expect([groupCount(10, 6), groupCount(16, 10), groupCount(3, 64), groupCount(7, 1)]).toEqual([5, 8, 3, 1]);
  });

  it('keeps masked weights at zero, and zeros that are many without a mask', () => {
    const mask = Uint8Array.from(weights, (_, i) => (i % 3 === 0 ? 0 : 1));
    const pruned = weights.map((value, i) => value * (mask[i] as number));
    for (const palette of ['k-means', 'nf4', 'power-of-two'] as const) {
      const { values } = code({ palette, bits: 3 + (palette === 'nf4' ? 1 : 0) }, mask, pruned);
      expect(values.every((value, i) => mask[i] === 1 || value === 0)).toBe(true);
    }
    const { values } = code({ bits: 2 }, undefined, pruned);
    expect(values.every((value, i) => mask[i] === 1 || value === 0)).toBe(true);
  });

  it('holds values equal to decode, ascending palettes, and the same bytes for the same seed', () => {
    for (const palette of ['k-means', 'nf4', 'power-of-two'] as const) {
      for (const axis of [0, 1, 2]) {
        const { encoding, values } = code({ palette, axis, groups: groupCount(shape[axis] ?? 1, 3) });
        expect(values).toEqual(decode(encoding, shape));
        for (let i = 1; i < 16; i++) expect(encoding.centroids[i]).toBeGreaterThanOrEqual(encoding.centroids[i - 1] as number);
        expect(code({ palette, axis, groups: encoding.groups }).encoding).toEqual(encoding);
      }
    }
  });

  it('stores few distinct values exactly', () => {
    const few = Float32Array.from(weights, (_, i) => (i % 5) - 2);
    expect(code({ bits: 3 }, undefined, few).values).toEqual(few);
    expect(code({ bits: 3 }, undefined, new Float32Array(1800)).values).toEqual(new Float32Array(1800));
  });
});
