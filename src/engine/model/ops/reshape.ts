/** Reshape: the same elements in another shape (without batch); −1 stands for whatever is left. */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import { laidOut } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, elements, formatShape, shapeMismatch, single } from './define.ts';

export type ReshapeAttrs = { readonly targetShape: readonly number[] };

/** The target with −1 filled in; null where it depends on a size that is only known at run time. */
function resolve(target: readonly number[], input: Shape): Shape {
  const total = elements(input);
  const known = target.reduce((product, size) => (size === -1 ? product : product * size), 1);
  if (Number.isNaN(total)) return target.map((size) => (size === -1 ? null : size));
  const rest = total / known;
  if (target.includes(-1) ? !Number.isInteger(rest) : rest !== 1) {
    throw shapeMismatch(`${formatShape(input)} has ${total} elements, which can't take the shape (${target.join(', ')}).`);
  }
  return target.map((size) => (size === -1 ? rest : size));
}

export const reshape = defineOp<ReshapeAttrs>({
  kind: 'Reshape',
  classes: ['Reshape'],
  read(config, place) {
    const field = readFields(config, place);
    const value = field.raw('target_shape');
    const list = (Array.isArray(value) ? value : [value]).map((size) => size ?? -1);
    const valid = list.every(
      (size) => typeof size === 'number' && Number.isInteger(size) && size >= -1 && size !== 0 && size <= 2 ** 31,
    );
    if (!valid || list.filter((size) => size === -1).length > 1)
      throw field.malformed('target_shape', 'sizes, at most one of them -1');
    return { targetShape: list };
  },
  write: ({ targetShape }) => ({ className: 'Reshape', config: { target_shape: targetShape } }),
  shape: ({ targetShape }, inputs) => resolve(targetShape, single(inputs)),
  channels({ targetShape }, inputs, output) {
    const resized = (channels: number) => ({ targetShape: [...targetShape.slice(0, -1), channels] });
    return laidOut(single(inputs), output, targetShape.at(-1) === -1 ? undefined : resized);
  },
  forward({ inputs, attrs }) {
    const x = single(inputs);
    return tf.reshape(x, [x.shape[0] ?? 1, ...(resolve(attrs.targetShape, x.shape.slice(1)) as number[])]);
  },
});
