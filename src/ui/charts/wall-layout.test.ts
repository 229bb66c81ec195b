import { expect, it } from 'vitest';
import type { Tile } from '../state/answers.ts';
import { neighbour, placeDots, placeTiles, placeValues } from './wall-layout.ts';

const tile = (row: number, truth: number, before: number, after: number): Tile => ({
  row,
  index: row,
  truth,
  before,
  after,
  change: 'same',
});

it('fits a hundred pictures into the space, and a phone gets six times four', () => {
  const wide = placeTiles(100, { width: 448, height: 300 });
  expect(wide).toHaveLength(100);
  expect(Math.max(...wide.map(({ x, size }) => x + size))).toBeLessThanOrEqual(448.01);
  expect(Math.max(...wide.map(({ y, size }) => y + size))).toBeLessThanOrEqual(300.01);
  const phone = placeTiles(24, { width: 358, height: 240 });
  expect(phone).toHaveLength(24);
  expect(new Set(phone.map(({ x }) => x)).size).toBe(6);
  expect(placeTiles(100, { width: 0, height: 0 })).toEqual([]);
});

it('puts a dot into the cell of its truth and answer', () => {
  const { places, cells } = placeDots([tile(0, 0, 0, 0), tile(1, 0, 0, 0), tile(2, 2, 2, 1)], 3, { width: 388, height: 322 });
  expect(cells[7]).toMatchObject({ x: 188, y: 222, width: 100, height: 100 });
  expect(places[2]).toMatchObject({ x: 196, y: 230 });
  expect(places[1]?.x).toBeGreaterThan(places[0]?.x ?? 0);
});

it('puts right predictions on the diagonal and survives one that is no number', () => {
  const { places, shadows, low, high } = placeValues([tile(0, 1, 1, 1), tile(1, 3, 3, Number.NaN)], { width: 300, height: 300 });
  expect([low, high]).toEqual([1, 3]);
  expect(places.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
  expect(shadows[1]?.y).toBeCloseTo(8 - 4.5);
});

it('walks to the nearest neighbour and stays at the edge', () => {
  const places = placeTiles(12, { width: 200, height: 200 });
  const columns = new Set(places.map(({ x }) => x)).size;
  expect(neighbour(places, 0, 'ArrowRight')).toBe(1);
  expect(neighbour(places, 0, 'ArrowDown')).toBe(columns);
  expect(neighbour(places, 0, 'ArrowLeft')).toBe(0);
  expect(neighbour(places, columns + 1, 'ArrowUp')).toBe(1);
});
