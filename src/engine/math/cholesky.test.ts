import { expect, it } from 'vitest';
import { solvePositive } from './cholesky.ts';

it('solves a system by hand: [[4, 2], [2, 3]] x = [[2, 8], [5, 8]]', () => {
  const a = [Float64Array.of(4, 0), Float64Array.of(2, 3)];
  const b = [Float64Array.of(2, 8), Float64Array.of(5, 8)];
  expect(solvePositive(a, b)).toBe(true);
  for (const [i, value] of [-0.5, 1, 2, 2].entries()) expect(b[i >> 1]?.[i & 1]).toBeCloseTo(value, 12);
});

it('says where there is no such solution', () => {
  expect(solvePositive([Float64Array.of(1, 0), Float64Array.of(2, 1)], [Float64Array.of(1), Float64Array.of(1)])).toBe(false);
});
