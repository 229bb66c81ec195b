/**
 * Dot: the products of two inputs summed along one axis of each, sample by sample; what is left of the first comes before what is left of
 * the second. With `normalize` both are brought to length one along that axis first, which gives the cosine.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import { readFields } from './config.ts';
import { axisOf, defineOp, elements, formatShape, shapeMismatch } from './define.ts';

export type DotAttrs = {
  /** Of the first and the second input; they count the batch. */
  readonly axes: readonly [number, number];
  readonly normalize: boolean;
};

const without = <T>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index);

/** The two inputs' shapes and the axes that are summed, batch apart. */
function operands({ axes }: DotAttrs, inputs: readonly Shape[]) {
  const [left, right] = inputs;
  if (left === undefined || right === undefined || inputs.length !== 2) {
    throw shapeMismatch(`It takes two inputs, but was given ${inputs.length}.`);
  }
  const [a, b] = [axisOf(axes[0], left.length + 1) - 1, axisOf(axes[1], right.length + 1) - 1];
  const fits = left[a] === right[b] || left[a] === null || right[b] === null;
  if (fits && left.length <= 2 && right.length <= 2) return { left, right, a, b };
  throw shapeMismatch(
    `Its inputs ${formatShape(left)} and ${formatShape(right)} do not match along the axes ${axes.join(' and ')}.`,
  );
}

/** The tensor as [batch, rows, depth], its axis of products last. */
function rows(x: tf.Tensor, axis: number, normalize: boolean): tf.Tensor3D {
  const other = x.rank === 2 ? tf.expandDims(x, 1) : axis === 2 ? x : tf.transpose(x, [0, 2, 1]);
  if (!normalize) return other as tf.Tensor3D;
  return tf.mul(other, tf.rsqrt(tf.maximum(tf.sum(tf.square(other), 2, true), 1e-12)));
}

export const dot = defineOp<DotAttrs>({
  kind: 'Dot',
  classes: ['Dot'],
  read(config, place) {
    const field = readFields(config, place);
    const value = field.raw('axes');
    const axes = Array.isArray(value) ? value : [value, value];
    if (axes.length !== 2 || !axes.every((axis) => Number.isInteger(axis)))
      throw field.malformed('axes', 'one axis number or two');
    return { axes: axes as unknown as [number, number], normalize: field.flag('normalize', false) };
  },
  write: ({ axes, normalize }) => ({ className: 'Dot', config: { axes, normalize } }),
  cannotWrite: ({ axes }, inputs) =>
    axes.some((axis) => axis < 0) || inputs.some((shape) => shape.length > 1)
      ? 'stock TF.js sums products of matrices along other axes'
      : undefined,
  shape(attrs, inputs) {
    const { left, right, a, b } = operands(attrs, inputs);
    const rest = [...without(left, a), ...without(right, b)];
    return rest.length === 0 ? [1] : rest;
  },
  macs(attrs, inputs, output) {
    const { left, a } = operands(attrs, inputs);
    return elements(output) * (left[a] ?? Number.NaN);
  },
  forward({ inputs, attrs }) {
    const [left, right] = inputs as readonly [tf.Tensor, tf.Tensor];
    const [a, b] = [axisOf(attrs.axes[0], left.rank), axisOf(attrs.axes[1], right.rank)];
    const y = tf.matMul(rows(left, a, attrs.normalize), rows(right, b, attrs.normalize), false, true);
    const rest = [...without(left.shape.slice(1), a - 1), ...without(right.shape.slice(1), b - 1)];
    return tf.reshape(y, [left.shape[0] ?? 1, ...(rest.length === 0 ? [1] : rest)]);
  },
});
