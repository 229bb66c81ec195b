/** Amounts on both sides of the two spatial axes, as layers that pad or crop are configured: [[top, bottom], [left, right]]. */
import type { Json } from '../model.ts';
import type { FieldReader } from './config.ts';
import type { Pair } from './convolution.ts';

/** Keras takes one number, one per axis, or both sides of each axis. */
export function readSides(field: FieldReader, name: string, fallback: number): readonly [Pair, Pair] {
  const value = field.has(name) ? field.raw(name) : fallback;
  const amount = (side: Json | undefined): number => {
    if (typeof side === 'number' && Number.isInteger(side) && side >= 0 && side <= 2 ** 16) return side;
    throw field.malformed(name, 'one number, two numbers or two pairs of numbers from 0 to 65536');
  };
  const sides = (axis: Json | undefined): Pair => {
    if (!Array.isArray(axis)) return [amount(axis), amount(axis)];
    return [amount(axis[0]), amount(axis.length === 2 ? axis[1] : undefined)];
  };
  if (!Array.isArray(value)) return [sides(value), sides(value)];
  return [sides(value[0]), sides(value.length === 2 ? value[1] : undefined)];
}
