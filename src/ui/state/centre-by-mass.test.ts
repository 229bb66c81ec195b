import { expect, it } from 'vitest';
import { average, centreByMass, centreOfMass, type Grey } from './centre-by-mass.ts';

function filled(width: number, height: number, inside: (x: number, y: number) => boolean): Grey {
  const values = Float32Array.from({ length: width * height }, (_, index) =>
    inside(index % width, Math.floor(index / width)) ? 255 : 0,
  );
  return { width, height, values };
}

it('scales the ink into 20 × 20 and keeps its proportions', () => {
  const bar = centreByMass(filled(280, 280, (x, y) => x >= 10 && x < 50 && y >= 100 && y < 260));
  const columns = new Set<number>();
  const rows = new Set<number>();
  bar.values.forEach((value, index) => {
    if (value === 0) return;
    columns.add(index % 28);
    rows.add(Math.floor(index / 28));
  });
  expect([columns.size, rows.size]).toEqual([5, 20]);
  expect(Math.max(...bar.values)).toBe(255);
});

it('puts the centre of mass, not of the box, in the middle', () => {
  // An L has its mass low and to the left of its box.
  const letter = filled(
    280,
    280,
    (x, y) => (x >= 200 && x < 220 && y >= 20 && y < 120) || (x >= 200 && x < 260 && y >= 100 && y < 120),
  );
  const [x, y] = centreOfMass(centreByMass(letter));
  expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
  expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.5);
});

it('leaves an empty drawing empty and survives a single point', () => {
  expect(centreByMass(filled(280, 280, () => false)).values.every((value) => value === 0)).toBe(true);
  expect(centreByMass(filled(10, 10, (x, y) => x === 0 && y === 0)).values.some((value) => value > 0)).toBe(true);
});

it('averages areas, also where sizes do not divide', () => {
  expect([...average({ width: 3, height: 1, values: Float32Array.of(0, 30, 60) }, 2, 1).values]).toEqual([10, 50]);
  expect([...average({ width: 2, height: 2, values: Float32Array.of(0, 4, 8, 12) }, 1, 1).values]).toEqual([6]);
});
