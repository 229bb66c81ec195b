/** Rescaling: y = scale · x + offset, with one scale and offset for all channels or a list with one per channel. */
import * as tf from '@tensorflow/tfjs-core';
import type { Json } from '../model.ts';
import { passed } from './channel-flow.ts';
import { type FieldReader, readFields } from './config.ts';
import { defineOp, formatShape, shapeMismatch, single } from './define.ts';

export type RescalingAttrs = { readonly scale: number | readonly number[]; readonly offset: number | readonly number[] };

function readFactor(field: FieldReader, name: string, fallback?: number): number | readonly number[] {
  const value = field.raw(name);
  if (!Array.isArray(value)) return field.number(name, fallback);
  const finite = value.every((factor: Json) => typeof factor === 'number' && Number.isFinite(factor));
  if (!finite || value.length === 0) throw field.malformed(name, 'a number or a list of numbers');
  return value as number[];
}

const operand = (factor: number | readonly number[]): number | tf.Tensor1D =>
  typeof factor === 'number' ? factor : tf.tensor1d([...factor]);

export const rescaling = defineOp<RescalingAttrs>({
  kind: 'Rescaling',
  classes: ['Rescaling'],
  read(config, place) {
    const field = readFields(config, place);
    return { scale: readFactor(field, 'scale'), offset: readFactor(field, 'offset', 0) };
  },
  write: ({ scale, offset }) => ({ className: 'Rescaling', config: { scale, offset } }),
  shape({ scale, offset }, inputs) {
    const input = single(inputs);
    for (const factor of [scale, offset]) {
      if (typeof factor === 'number' || factor.length === 1 || factor.length === input.at(-1)) continue;
      throw shapeMismatch(`It has ${factor.length} factors for an input of ${formatShape(input)}.`);
    }
    return input;
  },
  channels({ scale, offset }, inputs) {
    const perChannel = [scale, offset].some((factor) => typeof factor !== 'number' && factor.length > 1);
    return perChannel ? { ...passed(inputs), keeps: [{ of: 'output', reason: 'attribute' }] } : passed(inputs);
  },
  forward: ({ inputs, attrs }) => tf.add(tf.mul(single(inputs), operand(attrs.scale)), operand(attrs.offset)),
});
