/** Against numpy 1.24 (LAPACK gesdd in double) on matrices both sides can write down. */
import { expect, it } from 'vitest';
import { createRng } from './rng.ts';
import { svd } from './svd.ts';

const waves = (rows: number, columns: number) =>
  Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7 + 0.3 * (i % 7) ** 2));

function product(left: Float32Array, right: Float32Array, rank: number): number[] {
  const [rows, columns] = [left.length / rank, right.length / rank];
  return Array.from({ length: rows * columns }, (_, at) => {
    let sum = 0;
    for (let r = 0; r < rank; r++)
      sum += (left[Math.floor(at / columns) * rank + r] ?? 0) * (right[r * columns + (at % columns)] ?? 0);
    return sum;
  });
}

it.each([
  [6, 4, [3.045179292, 1.644557647, 1.046078556, 0.1505404], 0.780016298, 0.38598533],
  [4, 6, [2.878791483, 1.827006936, 1.030885231, 0.637581704], 0.856703175, 0.513242414],
  [
    12,
    9,
    [5.248949641, 3.936050741, 2.759282184, 1.76838443, 0.850877742, 0.496934476, 0.34067302, 0.265442628, 0.174105355],
    -0.77870791,
    1.107059275,
  ],
])('singular values and the best matrix of rank 2 of %i × %i', (rows, columns, values, entry, gap) => {
  const matrix = waves(rows, columns);
  const parts = svd(matrix, rows, columns);
  expect(parts.values).toHaveLength(values.length);
  for (const [i, value] of values.entries()) expect(parts.values[i]).toBeCloseTo(value, 6);
  const { left, right } = parts.factors(2);
  const found = product(left, right, 2);
  expect(found[columns + 2]).toBeCloseTo(entry, 6);
  expect(Math.max(...found.map((value, i) => Math.abs(value - (matrix[i] ?? 0))))).toBeCloseTo(gap, 6);
});

it('gives a matrix back at full rank, a repeated and a zero singular value included', () => {
  const rng = createRng(3);
  for (const [rows, columns] of [
    [1, 1],
    [1, 5],
    [9, 2],
    [16, 16],
    [30, 21],
  ] as const) {
    const matrix = Float32Array.from({ length: rows * columns }, () => rng.normal());
    const { left, right } = svd(matrix, rows, columns).factors(Math.min(rows, columns));
    for (const [i, value] of product(left, right, Math.min(rows, columns)).entries())
      expect(value).toBeCloseTo(matrix[i] ?? 0, 5);
  }
  const twice = svd([4, 0, 0, 0, 4, 0, 0, 0, 0], 3, 3);
  expect([...twice.values]).toEqual([4, 4, 0]);
  expect(product(twice.factors(3).left, twice.factors(3).right, 3)).toEqual([4, 0, 0, 0, 4, 0, 0, 0, 0]);
});

it('splits every singular value evenly between its two factors', () => {
  const { left, right } = svd(waves(12, 9), 12, 9).factors(1);
  const square = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  expect(square(left)).toBeCloseTo(square(right), 5);
});
