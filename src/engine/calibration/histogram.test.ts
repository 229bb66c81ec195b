import { expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { bins, createHistogram } from './histogram.ts';

it('counts every number in a bin that holds it, however the range grows', () => {
  const rng = createRng(3);
  const histogram = createHistogram();
  const all: number[] = [];
  for (const scale of [1e-6, 0.01, 3, 0.5, 400, 2]) {
    const values = Float32Array.from({ length: 500 }, (_, i) => (i % 5 === 0 ? 0 : rng.normal() * scale));
    all.push(...values);
    histogram.add(values);
  }
  const { counts, first, width, zeros, min, max, total } = histogram;
  expect([min, max]).toEqual([Math.min(...all), Math.max(...all)]);
  expect([zeros, total]).toEqual([all.filter((value) => value === 0).length, 3000]);
  const expected = new Float64Array(bins);
  for (const value of all)
    if (value !== 0) expected[Math.floor(value / width) - first] = (expected[Math.floor(value / width) - first] ?? 0) + 1;
  expect(counts).toEqual(expected);
  expect(Math.log2(width) % 1).toBe(0);
  expect((max - min) / width).toBeGreaterThan(bins / 2 - 1);
});

it('takes zeros, constants and what is no number', () => {
  const histogram = createHistogram();
  histogram.add(new Float32Array(4));
  expect(histogram).toMatchObject({ zeros: 4, total: 4, min: 0, max: 0, width: 0 });
  histogram.add(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY));
  histogram.add(Float32Array.of(Number.NaN, 5, 5));
  expect(histogram).toMatchObject({ total: 6, min: 0, max: 5, notFinite: 3 });
  const empty = createHistogram();
  empty.add(Float32Array.of(Number.NaN));
  expect(empty.min).toBeGreaterThan(empty.max);
  const constant = createHistogram();
  constant.add(new Float32Array(10).fill(-7.25));
  expect(constant.counts.reduce((a, b) => a + b)).toBe(10);
  expect(constant.counts[Math.floor(-7.25 / constant.width) - constant.first]).toBe(10);
});
