/**
 * Published: Hanley & McNeil 1982, Radiology 143:29, table 1 (109 CT pictures, 58 normal, 51 abnormal, rated 1–5): area 0.893. Stata's
 * `roctab` manual gives DeLong's figures for it: 0.8932, standard error 0.0307, interval 0.83295 to 0.95339.
 */
import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { rocArea, rocCurve, rocDifference } from './roc.ts';

const ratings = [
  [33, 6, 6, 11, 2],
  [3, 2, 2, 11, 33],
];
const scores: number[] = [];
const labels: number[] = [];
for (const [label, counts] of ratings.entries()) {
  for (const [rating, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      scores.push(rating + 1);
      labels.push(label);
    }
  }
}

describe('area under the curve', () => {
  it('agrees with the published example', () => {
    const area = rocArea(scores, labels);
    expect(area?.value).toBeCloseTo(0.8932, 4);
    expect(area?.interval?.[0]).toBeCloseTo(0.83295, 4);
    expect(area?.interval?.[1]).toBeCloseTo(0.95339, 4);
    expect(area?.n).toBe(109);
  });

  it('is the area under the points', () => {
    const points = rocCurve(scores, labels);
    expect(points).toHaveLength(6);
    expect(points.at(-1)).toEqual({ falsePositive: 1, truePositive: 1 });
    const area = points.slice(1).reduce((sum, { falsePositive, truePositive }, i) => {
      const last = points[i];
      return sum + ((falsePositive - (last?.falsePositive ?? 0)) * (truePositive + (last?.truePositive ?? 0))) / 2;
    }, 0);
    expect(area).toBeCloseTo(rocArea(scores, labels)?.value ?? 0, 12);
  });

  it('is told for no more than 200 points, and not at all where a class is missing', () => {
    const rng = createRng(1);
    const many = Array.from({ length: 1000 }, () => rng.next());
    const points = rocCurve(
      many,
      many.map((_, index) => index % 2),
    );
    expect([points.length, points[0]?.truePositive, points.at(-1)?.truePositive]).toEqual([200, 0, 1]);
    expect([rocCurve([0.1, 0.2], [1, 1]), rocArea([0.1, 0.2], [1, 1])]).toEqual([[], null]);
  });

  it('finds no difference between a model and itself, and sees a worse one', () => {
    expect(rocDifference(scores, scores, labels)).toMatchObject({ verdict: 'none', difference: { value: 0, interval: [0, 0] } });
    const rng = createRng(2);
    const noisy = scores.map(() => rng.next());
    const worse = rocDifference(scores, noisy, labels);
    expect(worse?.verdict).toBe('worse');
    expect(worse?.difference.value).toBeCloseTo((rocArea(noisy, labels)?.value ?? 0) - 0.8932, 4);
  });
});
