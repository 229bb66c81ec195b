/**
 * Receiver operating characteristic of a model that tells two classes apart, and the area under it with its interval.
 * The area is the share of (positive, negative) pairs in the right order, ties counted half; its variance is DeLong's (DeLong, DeLong &
 * Clarke-Pearson 1988, Biometrics 44:837), by midranks (Sun & Xu 2014, IEEE Signal Process. Lett. 21:1389), which also gives the
 * variance of the difference of two models on the same samples.
 */
import type { Measured, Paired } from '../report.ts';
import { z95 } from './intervals.ts';
import { judge } from './paired.ts';

export interface RocPoint {
  /** Share of negatives that score at least the threshold, 0–1. */
  readonly falsePositive: number;
  /** Share of positives that score at least the threshold, 0–1. */
  readonly truePositive: number;
}

/** The most points of a curve. */
const mostPoints = 200;
/** "No measurable loss" of area. */
const margin = 0.005;

/** The curve from (0, 0) to (1, 1), at most 200 points. `labels` are 0 or 1; higher scores speak for 1. Empty where a class is missing. */
export function rocCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): RocPoint[] {
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index).sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0),
  );
  let positives = 0;
  for (let index = 0; index < labels.length; index++) if (labels[index] === 1) positives++;
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return [];
  const points: RocPoint[] = [{ falsePositive: 0, truePositive: 0 }];
  let [right, wrong] = [0, 0];
  for (const [place, index] of order.entries()) {
    if (labels[index] === 1) right++;
    else wrong++;
    // Equal scores have one threshold.
    if (scores[order[place + 1] ?? -1] === scores[index]) continue;
    points.push({ falsePositive: wrong / negatives, truePositive: right / positives });
  }
  return thinned(points);
}

/** Evenly chosen points, the first and the last always among them. */
function thinned(points: readonly RocPoint[]): RocPoint[] {
  if (points.length <= mostPoints) return [...points];
  const step = (points.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, index) => points[Math.round(index * step)] as RocPoint);
}

interface Placements {
  readonly area: number;
  /** For each positive the share of negatives below it. */
  readonly positives: Float64Array;
  /** For each negative the share of positives above it. */
  readonly negatives: Float64Array;
}

/** The place of each of some values among them all, from 1; equal values share the mean of their places. */
function midranks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let place = start; place < end; place++) ranks[order[place] ?? 0] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

function placementsOf(scores: ArrayLike<number>, labels: ArrayLike<number>): Placements {
  const x: number[] = [];
  const y: number[] = [];
  for (let index = 0; index < scores.length; index++) (labels[index] === 1 ? x : y).push(scores[index] ?? 0);
  const all = midranks(Float64Array.from([...x, ...y]));
  const [ownX, ownY] = [midranks(Float64Array.from(x)), midranks(Float64Array.from(y))];
  const positives = ownX.map((rank, i) => ((all[i] ?? 0) - rank) / y.length);
  const negatives = ownY.map((rank, j) => 1 - ((all[x.length + j] ?? 0) - rank) / x.length);
  return { area: mean(positives), positives, negatives };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: Float64Array): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, values.length - 1);
}

function deviationOf({ positives, negatives }: Pick<Placements, 'positives' | 'negatives'>): number {
  return Math.sqrt(variance(positives) / positives.length + variance(negatives) / negatives.length);
}

function hasBoth(labels: ArrayLike<number>): boolean {
  return Array.prototype.includes.call(labels, 0) && Array.prototype.includes.call(labels, 1);
}

/** The area under the curve with DeLong's 95 % interval, cut to [0, 1]; null where a class is missing. */
export function rocArea(scores: ArrayLike<number>, labels: ArrayLike<number>): Measured | null {
  if (!hasBoth(labels)) return null;
  const placements = placementsOf(scores, labels);
  const { area } = placements;
  const half = z95 * deviationOf(placements);
  const interval = [Math.max(0, area - half), Math.min(1, area + half)] as const;
  return { value: area, unit: '', interval, n: scores.length, how: 'measured' };
}

/** The difference of two models' areas on the same samples, after − before; null where a class is missing. */
export function rocDifference(before: ArrayLike<number>, after: ArrayLike<number>, labels: ArrayLike<number>): Paired | null {
  if (!hasBoth(labels)) return null;
  const [first, second] = [placementsOf(before, labels), placementsOf(after, labels)];
  const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, index) => value - (b[index] ?? 0));
  const half =
    z95 *
    deviationOf({
      positives: minus(second.positives, first.positives),
      negatives: minus(second.negatives, first.negatives),
    });
  const value = second.area - first.area;
  const difference: Measured = { value, unit: '', interval: [value - half, value + half], n: before.length, how: 'measured' };
  return { difference, ...judge(difference, margin, '') };
}
