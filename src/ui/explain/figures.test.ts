/** The figures' own arithmetic against the engine that does the work. */
import { expect, it } from 'vitest';
import { createRng } from '../../engine/math/rng.ts';
import { kMeansLevels } from '../../engine/techniques/quantize/palette.ts';
import { attentionGap } from './attention.tsx';
import { staying } from './channels.tsx';
import { gapOf } from './features.tsx';
import { folded } from './fold.tsx';
import { approximation } from './low-rank.tsx';
import { levelsAfter } from './palette.tsx';
import { sampleWeights } from './sample-weights.ts';
import { kept } from './small-weights.tsx';
import { studentWidths, weightsOf } from './student.tsx';
import { softened } from './temperature.tsx';

const inertia = (levels: ArrayLike<number>): number =>
  sampleWeights.reduce((sum, weight) => sum + Math.min(...Array.from(levels, (level) => (level - weight) ** 2)), 0);

it('rounds of k-means never get worse and end near the best palette the engine finds', () => {
  const errors = Array.from({ length: 13 }, (_, round) => inertia(levelsAfter(sampleWeights, 8, round)));
  for (const [round, error] of errors.entries())
    if (round > 0) expect(error).toBeLessThanOrEqual((errors[round - 1] ?? 0) + 1e-12);
  const best = inertia(kMeansLevels(Float32Array.from(sampleWeights).sort(), 3, false, createRng(1)));
  expect(errors[12]).toBeGreaterThanOrEqual(best - 1e-9);
  expect(errors[12]).toBeLessThan(2 * best);
});

it('prunes the smallest, over all or in each pattern', () => {
  expect(kept([3, -1, 0.5, -4], 0.5, null)).toEqual([true, false, false, true]);
  expect(kept([3, -1, 0.5, -4, 1, 1, 1, 1], 0, [2, 4])).toEqual([true, false, false, true, false, false, true, true]);
});

it('folds two layers into the same line', () => {
  const { weight, bias } = folded(0.6);
  for (const x of [-1, 0.5]) expect(weight * x + bias).toBeCloseTo((0.6 * (0.8 * x + 0.3 - 0.2)) / 0.5 - 0.1, 12);
});

it('softens an answer without changing its order; at 1 it is the answer itself', () => {
  const sum = Math.exp(1) + Math.exp(2) + Math.exp(4);
  expect(softened([1, 2, 4], 1)[2]).toBeCloseTo(Math.exp(4) / sum, 12);
  const soft = softened([1, 2, 4], 4);
  expect(soft.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(soft[2]).toBeLessThan(Math.exp(4) / sum);
  expect([...soft].sort()).toEqual(soft);
});

it('measures the gaps between layers as the engine does', () => {
  expect(gapOf([1, 2, 4], [1, 1, 1])).toBeCloseTo(10 / 3, 12);
  expect(attentionGap([3, 0, 0], [0, 5, 0])).toBeCloseTo(1, 12);
  expect(attentionGap([1, 2, 3], [10, 20, 30])).toBeCloseTo(0, 12);
});

it('counts the weights of a student as the engine does', () => {
  expect(weightsOf([20, 50, 500, 10], false)).toBe(431_080);
  expect(weightsOf(studentWidths(0.5), false)).toBe(260 + 6275 + 401 * 252 + 253 * 10);
});

it('lets the weakest channels go, and one stay', () => {
  expect(staying(0).every(Boolean)).toBe(true);
  expect(staying(0.25).flatMap((stays, channel) => (stays ? [] : channel))).toEqual([1, 4, 8]);
  expect(staying(1).filter(Boolean)).toHaveLength(1);
});

it('comes nearer to the layer with every rank', () => {
  const energies = [1, 2, 4, 8, 16].map((rank) => approximation(rank).energy);
  expect(energies).toEqual(energies.toSorted((a, b) => a - b));
  expect(energies.at(-1)).toBeCloseTo(1, 9);
  expect(energies[2]).toBeGreaterThan(0.9);
});
