/**
 * Attention within heads: projections [batch, rows …, heads, features] become stacks of matrices and back again. Where there are fewer heads
 * of keys and values than of queries (grouped-query attention, Ainslie et al. 2023), each serves a run of neighbouring query heads.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import { elements, formatShape, shapeMismatch } from './define.ts';

type Three<T> = readonly [query: T, value: T, key: T];

/** softmax(scores) · value, where no row sees those behind it if it is causal; rows of `repeats` heads may lie behind each other. */
export function attended(scores: tf.Tensor, value: tf.Tensor, causal: boolean, repeats = 1): tf.Tensor {
  const [rows = 1, others = 1] = scores.shape.slice(-2);
  const seen = causal ? tf.add(scores, tf.tensor(hidden(rows / repeats, others, repeats), [rows, others])) : scores;
  return tf.matMul(tf.softmax(seen), value);
}

/** −10⁹, Keras' own, where a row would see one behind it, else 0. */
export function hidden(rows: number, others: number, repeats: number): Float32Array {
  return Float32Array.from({ length: repeats * rows * others }, (_, i) => {
    return i % others > Math.floor(i / others) % rows ? -1e9 : 0;
  });
}

/** How axes [batch, rows …, heads, features] are turned: those that stay apart, the heads, those that look at each other, the features. */
export interface HeadOrder {
  readonly apart: readonly number[];
  readonly together: readonly number[];
  readonly order: readonly number[];
}

/** `axes` of the rows that look at each other count the batch; null stands for all. */
export function headOrder(axes: readonly number[] | null, rank: number): HeadOrder {
  const all = Array.from({ length: rank - 3 }, (_, i) => i + 1);
  const together = axes === null ? all : axes.map((axis) => (axis < 0 ? axis + rank - 1 : axis));
  if (together.length === 0 || !together.every((axis) => all.includes(axis)))
    throw shapeMismatch(`Axes ${together.join(', ')} of ${rank - 1} can not look at each other.`);
  const apart = all.filter((axis) => !together.includes(axis));
  return { apart, together, order: [0, ...apart, rank - 2, ...together, rank - 1] };
}

/** Sizes along axes of a shape with batch. */
const along = <T>(shape: readonly T[], axes: readonly number[]): T[] => axes.map((axis) => shape[axis] as T);
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The output's shape without batch: the query's with the value's features. Throws where projections do not fit. */
export function headShape(axes: readonly number[] | null, [query, value, key]: Three<Shape>): Shape {
  const rank = query.length + 1;
  const { apart, together } = headOrder(axes, rank);
  const [q, v, k] = [query, value, key].map((shape) => [null, ...shape]) as unknown as Three<Shape>;
  const heads = [q.at(-2) ?? 0, k.at(-2) ?? 0] as const;
  const alike = (a: Shape, b: Shape, at: readonly number[]): boolean =>
    at.every((axis) => a[axis] === b[axis] || a[axis] === null || b[axis] === null);
  const fits =
    v.length === rank &&
    k.length === rank &&
    q.at(-1) === k.at(-1) &&
    v.at(-2) === k.at(-2) &&
    heads[0] % heads[1] === 0 &&
    alike(q, v, apart) &&
    alike(v, k, [...apart, ...together]);
  if (fits) return [...query.slice(0, -1), value.at(-1) ?? null];
  throw shapeMismatch(`Its query, value and key ${[query, value, key].map(formatShape).join(', ')} do not fit each other.`);
}

/** Products of scores and of what they weigh. */
export function headsMacs(axes: readonly number[] | null, [query, value]: Three<Shape>): number {
  const { together } = headOrder(axes, query.length + 1);
  const seen = elements(along([null, ...value], together));
  return elements(query.slice(0, -1)) * seen * (elements(query.slice(-1)) + elements(value.slice(-1)));
}

export interface AttendedHeads {
  /** [stacks, repeats · rows, features]. */
  readonly query: tf.Tensor;
  /** [stacks, others, features]. */
  readonly value: tf.Tensor;
  readonly key: tf.Tensor;
  /** Query heads for each head of keys. */
  readonly repeats: number;
  /** The query's shape once its axes are in order. */
  readonly turned: readonly number[];
  readonly order: readonly number[];
}

/** Projections as stacks of matrices. */
export function splitHeads([query, value, key]: Three<tf.Tensor>, axes: readonly number[] | null): AttendedHeads {
  const { apart, together, order } = headOrder(axes, query.rank);
  const heads = query.rank - 2;
  const repeats = (query.shape[heads] ?? 1) / (key.shape[heads] ?? 1);
  const stacks = product(along(key.shape, [0, ...apart, heads]));
  const split = (x: tf.Tensor, times: number): tf.Tensor =>
    tf.reshape(tf.transpose(x, [...order]), [stacks, times * product(along(x.shape, together)), x.shape.at(-1) ?? 1]);
  const turned = along(query.shape, order);
  return { query: split(query, repeats), value: split(value, 1), key: split(key, 1), repeats, turned, order };
}

/** Stacks of rows back as [batch, rows …, heads, features]. */
export function mergedHeads(y: tf.Tensor, { turned, order }: Pick<AttendedHeads, 'turned' | 'order'>): tf.Tensor {
  const back = [...order.keys()].map((axis) => order.indexOf(axis));
  return tf.transpose(tf.reshape(y, [...turned.slice(0, -1), y.shape.at(-1) ?? 1]), back);
}
