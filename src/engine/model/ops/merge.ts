/** Element-wise layers of two or more inputs. Shapes are aligned at their last axis and axes of size 1 are stretched, the batch apart. */
import * as tf from '@tensorflow/tfjs-core';
import type { Attrs, Shape } from '../model.ts';
import type { Op } from '../op.ts';
import { passed } from './channel-flow.ts';
import { defineOp, formatShape, shapeMismatch } from './define.ts';

function broadcast(left: Shape, right: Shape): Shape {
  const rank = Math.max(left.length, right.length);
  const aligned = (shape: Shape, axis: number): number | null =>
    shape[axis - rank + shape.length] === undefined ? 1 : (shape[axis - rank + shape.length] ?? null);
  return Array.from({ length: rank }, (_, axis) => {
    const [a, b] = [aligned(left, axis), aligned(right, axis)];
    if (a === b || b === 1) return a;
    if (a === 1) return b;
    if (a === null || b === null) return a ?? b;
    throw shapeMismatch(`Its inputs ${formatShape(left)} and ${formatShape(right)} do not match.`);
  });
}

/** Inserts axes of size 1 behind the batch, so that tensors of lower rank align at the last axis. */
function alignRank(x: tf.Tensor, rank: number): tf.Tensor {
  if (x.rank === rank) return x;
  return tf.reshape(x, [x.shape[0] ?? 1, ...new Array<number>(rank - x.rank).fill(1), ...x.shape.slice(1)]);
}

/** `finish` sees the whole and the number of inputs. */
function defineMerge(
  kind: string,
  combine: (left: tf.Tensor, right: tf.Tensor) => tf.Tensor,
  { exactly, finish, problem }: { exactly?: number; finish?: (y: tf.Tensor, count: number) => tf.Tensor; problem?: string } = {},
): Op {
  return defineOp<Attrs>({
    kind,
    classes: [kind],
    read: () => ({}),
    write: () => ({ className: kind, config: {} }),
    cannotWrite: () => problem,
    shape(_attrs, inputs) {
      if (exactly !== undefined && inputs.length !== exactly)
        throw shapeMismatch(`It takes ${exactly} inputs, but was given ${inputs.length}.`);
      if (inputs.length < 2) throw shapeMismatch(`It merges two or more inputs, but was given ${inputs.length}.`);
      return inputs.reduce(broadcast);
    },
    channels: (_attrs, inputs) => passed(inputs),
    forward({ inputs }) {
      const rank = Math.max(...inputs.map((input) => input.rank));
      const y = inputs.map((input) => alignRank(input, rank)).reduce(combine);
      return finish === undefined ? y : finish(y, inputs.length);
    },
  });
}

export const add = defineMerge('Add', (left, right) => tf.add(left, right));
export const subtract = defineMerge('Subtract', (left, right) => tf.sub(left, right), {
  exactly: 2,
  problem: 'stock TF.js has no layer that subtracts',
});
export const average = defineMerge('Average', (left, right) => tf.add(left, right), {
  finish: (y, count) => tf.mul(y, 1 / count),
});
export const multiply = defineMerge('Multiply', (left, right) => tf.mul(left, right));

/** Both stretched first where they differ: TF.js' own gradients of a maximum and a minimum forget that an input was. */
const stretched =
  (combine: (left: tf.Tensor, right: tf.Tensor) => tf.Tensor) =>
  (left: tf.Tensor, right: tf.Tensor): tf.Tensor => {
    const shape = left.shape.map((size, axis) => Math.max(size, right.shape[axis] ?? 1));
    const whole = (x: tf.Tensor) => (x.shape.every((size, axis) => size === shape[axis]) ? x : tf.broadcastTo(x, shape));
    return combine(whole(left), whole(right));
  };

export const maximum = defineMerge('Maximum', stretched(tf.maximum));
export const minimum = defineMerge('Minimum', stretched(tf.minimum));
