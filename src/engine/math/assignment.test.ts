/** Against trying out every assignment. */
import { expect, it } from 'vitest';
import { assign } from './assignment.ts';
import { createRng } from './rng.ts';

function best(worth: Float64Array, rows: number, columns: number, row = 0, taken = new Set<number>()): number {
  if (row === rows) return 0;
  let most = -Infinity;
  for (let column = 0; column < columns; column++) {
    if (taken.has(column)) continue;
    const rest = best(worth, rows, columns, row + 1, new Set([...taken, column]));
    most = Math.max(most, (worth[row * columns + column] ?? 0) + rest);
  }
  return most;
}

it.each([
  [1, 1],
  [4, 4],
  [3, 6],
  [6, 6],
])('finds the most that %i rows are worth on %i columns', (rows, columns) => {
  const rng = createRng(rows * 10 + columns);
  for (let trial = 0; trial < 20; trial++) {
    const worth = Float64Array.from({ length: rows * columns }, () => rng.integer(trial < 10 ? 4 : 1000));
    const chosen = assign(worth, rows, columns);
    expect(new Set(chosen).size).toBe(rows);
    const sum = chosen.reduce((total, column, row) => total + (worth[row * columns + column] ?? 0), 0);
    expect(sum).toBe(best(worth, rows, columns));
  }
});
