/** Concatenate: two or more inputs joined along one axis; all other sizes agree. */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import { channelCount, passed } from './channel-flow.ts';
import { readFields } from './config.ts';
import { axisOf, defineOp, formatShape, shapeMismatch } from './define.ts';

export type ConcatenateAttrs = {
  /** Counts the batch; −1 is the last. */
  readonly axis: number;
};

function join(left: Shape, right: Shape, axis: number): Shape {
  const fits =
    left.length === right.length &&
    left.every((size, i) => i === axis || size === right[i] || size === null || right[i] === null);
  if (!fits)
    throw shapeMismatch(`Its inputs ${formatShape(left)} and ${formatShape(right)} do not match outside axis ${axis + 1}.`);
  return left.map((size, i) => {
    const other = right[i] ?? null;
    if (i !== axis) return size ?? other;
    return size === null || other === null ? null : size + other;
  });
}

export const concatenate = defineOp<ConcatenateAttrs>({
  kind: 'Concatenate',
  classes: ['Concatenate'],
  read: (config, place) => ({ axis: readFields(config, place).axis('axis', -1) }),
  write: ({ axis }) => ({ className: 'Concatenate', config: { axis } }),
  shape({ axis }, inputs) {
    if (inputs.length < 2) throw shapeMismatch(`It joins two or more inputs, but was given ${inputs.length}.`);
    const index = axisOf(axis, (inputs[0]?.length ?? 0) + 1) - 1;
    return inputs.reduce((left, right) => join(left, right, index));
  },
  channels({ axis }, inputs) {
    const rank = (inputs[0]?.length ?? 0) + 1;
    if (axisOf(axis, rank) !== rank - 1) return passed(inputs);
    const all = inputs.flatMap((shape, input) => Array.from({ length: channelCount(shape) }, (_, i) => [input, i] as const));
    return { sources: (channel) => all.slice(channel, channel + 1) };
  },
  forward: ({ inputs, attrs }) => tf.concat([...inputs], axisOf(attrs.axis, inputs[0]?.rank ?? 0)),
});
