import { describe, expect, it } from 'vitest';
import { bytesIn, type Choice, hullOf, type LayerChoices, pathOf, pruningLoss } from './choices.ts';
import { frontOf, picksOf } from './front.ts';
import { neighboursOf } from './moves.ts';
import { untouched } from './settings.ts';

const choice = (bytes: number, loss: number): Choice => ({ bytes, loss, setting: untouched });

function layerOf(...choices: readonly (readonly [bytes: number, loss: number])[]): LayerChoices {
  const all = choices.map(([bytes, loss]) => choice(bytes, loss));
  return { layer: 'layer', choices: all, hull: hullOf(all) };
}

describe('pruningLoss', () => {
  it('is interpolated geometrically between measured sparsities', () => {
    const curve = [
      [0.5, 0.01],
      [0.9, 1],
    ] as const;
    expect(pruningLoss(curve, 0)).toBe(0);
    expect(pruningLoss(curve, 0.5)).toBeCloseTo(0.01, 12);
    expect(pruningLoss(curve, 0.7)).toBeCloseTo(0.1, 12);
    expect(pruningLoss(curve, 0.25)).toBeCloseTo(0.01 / 8, 12);
    expect(pruningLoss(curve, 0.95)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('sharing out', () => {
  it('keeps the lower convex hull', () => {
    const { hull } = layerOf([100, 0], [80, 1], [60, 1.2], [40, 3], [20, 20]);
    expect(hull.map(({ bytes }) => bytes)).toEqual([100, 60, 40, 20]);
  });

  it('gives each plan on the way the least loss of all plans of so many bytes', () => {
    const layers = [layerOf([100, 0], [50, 1], [30, 4]), layerOf([1000, 0], [400, 2], [100, 30]), layerOf([10, 0], [5, 0.01])];
    const all = layers.reduce<Choice[]>(
      (plans, { choices }) => plans.flatMap((a) => choices.map((b) => choice(a.bytes + b.bytes, a.loss + b.loss))),
      [choice(0, 0)],
    );
    const path = pathOf(layers);
    expect(path).toHaveLength(6);
    for (const plan of path) {
      const loss = plan.reduce((sum, one) => sum + one.loss, 0);
      const better = all.filter((other) => other.bytes <= bytesIn(plan) && other.loss < loss - 1e-9);
      expect(better).toEqual([]);
    }
  });

  it('looks at one layer changed, and at two changed against each other', () => {
    const layers = [layerOf([100, 0], [50, 1]), layerOf([80, 0], [20, 2])];
    const plan = [layers[0]?.choices[1], layers[1]?.choices[0]] as Choice[];
    const moves = neighboursOf(layers, plan).map(({ bytes, loss }) => [bytes, loss]);
    expect(moves).toEqual([
      [50, -1],
      [-60, 2],
      [-10, 1],
    ]);
  });
});

describe('front and picks', () => {
  const point = (id: number, gzip: number, dropPoints: number) => ({ id, gzip, dropPoints, meets: dropPoints <= 1 });
  const tried = [
    point(1, 1000, 0),
    point(2, 500, 0.1),
    point(3, 600, 0.5),
    point(4, 300, 0.9),
    point(5, 100, 8),
    point(6, 1200, 0),
  ];

  it('keeps what no other beats', () => {
    expect(frontOf(tried).map(({ id }) => id)).toEqual([5, 4, 2, 1]);
  });

  it('picks the best, the knee and the smallest that meets the goal', () => {
    expect(picksOf(frontOf(tried))).toEqual({ quality: 1, balanced: 2, compact: 4 });
    expect(picksOf(frontOf([point(1, 10, 9)]))).toEqual({ quality: 1, balanced: null, compact: null });
    expect(picksOf([])).toEqual({ quality: null, balanced: null, compact: null });
  });
});
