/**
 * One tensor before and after, for the eye: its values in 96 equal bins, the levels the result can take, and one weight on its way
 * `x → q = round(x / step) → q · step`. Where each channel has its own grid the axis counts steps of that grid, so that levels are shared;
 * a tensor that lost channels has no weight in common with its original by place, so that it is drawn over values and without one.
 */
import { StudioError } from './errors.ts';
import { type AffineEncoding, scaleIndexOf } from './model/encoding.ts';
import type { Model, Weight } from './model/model.ts';

export interface WeightDescription {
  readonly min: number;
  readonly max: number;
  /** Counts per bin. */
  readonly original: readonly number[];
  readonly compressed: readonly number[];
  readonly axis: 'value' | 'steps';
  /** Ascending; empty where there are none or more than 256. */
  readonly levels: readonly number[];
  readonly example?: { readonly value: number; readonly step: number; readonly code: number; readonly decoded: number };
}

const bins = 96;
const mostLevels = 256;

/** Describes the tensor `id` of two models. Throws MODEL_NO_WEIGHT where either has none. */
export function describeWeight(before: Model, after: Model, id: string): WeightDescription {
  const [original, compressed] = [before.weights.get(id), after.weights.get(id)];
  if (original === undefined || compressed === undefined) {
    throw new StudioError({
      code: 'MODEL_NO_WEIGHT',
      title: 'This tensor is not in both models.',
      detail: `"${id}" was added, removed or merged into another by the recipe.`,
      hint: 'Choose another layer.',
      context: { weight: id },
    });
  }
  const { encoding } = compressed;
  const alike = original.values.length === compressed.values.length;
  const perChannel = encoding.kind === 'affine' && encoding.axis !== null && alike ? encoding : null;
  const [x, y] = perChannel
    ? [inSteps(original, perChannel), inSteps(compressed, perChannel)]
    : [original.values, compressed.values];
  const levels = levelsOf(compressed, y);
  const [min, max] = range(x, y);
  const example = encoding.kind === 'affine' && alike ? exampleOf(original, compressed, encoding) : undefined;
  return {
    min,
    max,
    original: histogram(x, min, max),
    compressed: histogram(y, min, max),
    axis: perChannel ? 'steps' : 'value',
    levels,
    ...(example === undefined ? {} : { example }),
  };
}

function inSteps(weight: Weight, encoding: AffineEncoding): Float32Array {
  const indexOf = scaleIndexOf(encoding, weight.shape);
  return weight.values.map((value, at) => value / (encoding.scale[indexOf(at)] ?? 1));
}

function range(...arrays: readonly Float32Array[]): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of arrays) {
    for (const value of values) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min < max ? [min, max] : [min - 0.5, min + 0.5];
}

function histogram(values: Float32Array, min: number, max: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(((value - min) / (max - min)) * bins)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** The distinct values that codes stand for, rounded in steps so that channels agree. */
function levelsOf({ encoding }: Weight, shown: Float32Array): number[] {
  if (encoding.kind === 'float32' || encoding.kind === 'float16') return [];
  const whole = encoding.kind === 'affine' && encoding.axis !== null;
  const distinct = new Set<number>();
  for (const value of shown) {
    distinct.add(whole ? Math.round(value * 1e3) / 1e3 : value);
    if (distinct.size > mostLevels) return [];
  }
  return [...distinct].sort((a, b) => a - b);
}

/** The weight nearest to half the largest magnitude: neither trivial nor clipped. */
function exampleOf(original: Weight, compressed: Weight, encoding: AffineEncoding): WeightDescription['example'] {
  let largest = 0;
  for (const value of original.values) largest = Math.max(largest, Math.abs(value));
  let chosen = -1;
  let nearest = Number.POSITIVE_INFINITY;
  for (const [index, value] of original.values.entries()) {
    const distance = Math.abs(Math.abs(value) - largest / 2);
    if (distance >= nearest) continue;
    nearest = distance;
    chosen = index;
  }
  const value = original.values[chosen];
  const decoded = compressed.values[chosen];
  if (value === undefined || decoded === undefined) return undefined;
  const step = encoding.scale[scaleIndexOf(encoding, original.shape)(chosen)] ?? 1;
  return { value, step, code: Math.round(decoded / step), decoded };
}
