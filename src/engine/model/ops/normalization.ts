/**
 * Normalization: (x − mean) / max(√variance, 10⁻⁷) along the axes given, or back again with `invert`. The statistics were measured before
 * training (`adapt`) and are stored, or stand in the configuration.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Json, Shape } from '../model.ts';
import type { WeightSlot } from '../op.ts';
import { passed } from './channel-flow.ts';
import { type FieldReader, readFields } from './config.ts';
import { axisOf, defineOp, elements, knownSize, shapeMismatch, single } from './define.ts';

export type NormalizationAttrs = {
  /** Count the batch; none where all numbers share their statistics. */
  readonly axes: readonly number[];
  readonly invert: boolean;
  /** Row-major; null where they are stored tensors. */
  readonly mean: readonly number[] | null;
  readonly variance: readonly number[] | null;
};

function flat(value: Json | undefined): number[] {
  return Array.isArray(value) ? value.flatMap(flat) : [typeof value === 'number' ? value : Number.NaN];
}

function readConstants(field: FieldReader, name: string): number[] | null {
  if (!field.has(name)) return null;
  const values = flat(field.raw(name));
  if (values.length > 0 && values.every(Number.isFinite)) return values;
  throw field.malformed(name, 'a number or lists of numbers');
}

/** One number for all stands alone: Keras takes no list of it where there is no axis. */
const written = (values: readonly number[] | null): Json => (values?.length === 1 ? (values[0] as number) : values);

const indices = (axes: readonly number[], rank: number): number[] => axes.map((axis) => axisOf(axis, rank)).sort((a, b) => a - b);

/** The shape of the statistics without the batch, 1 along axes that share them. */
function statisticsShape({ axes }: NormalizationAttrs, inputs: readonly Shape[]): number[] {
  const input = single(inputs);
  const own = indices(axes, input.length + 1);
  return input.map((_, index) => (own.includes(index + 1) ? knownSize(input, index) : 1));
}

export const normalization = defineOp<NormalizationAttrs>({
  kind: 'Normalization',
  classes: ['Normalization'],
  read(config, place) {
    const field = readFields(config, place);
    const value = field.raw('axis') === undefined ? -1 : field.raw('axis');
    const axes = value === null || value === undefined ? [] : Array.isArray(value) ? value : [value];
    if (!axes.every((axis) => typeof axis === 'number' && Number.isInteger(axis) && axis !== 0))
      throw field.malformed('axis', 'an axis number, a list of them or null');
    const [mean, variance] = [readConstants(field, 'mean'), readConstants(field, 'variance')];
    if ((mean === null) !== (variance === null)) throw field.malformed('variance', 'there where `mean` is');
    if (variance?.some((size) => size < 0)) throw field.malformed('variance', 'numbers from 0');
    return { axes: axes as number[], invert: field.flag('invert', false), mean, variance };
  },
  write: ({ axes, invert, mean, variance }) => ({
    className: 'Normalization',
    config: { axis: axes, invert, mean: written(mean), variance: written(variance) },
  }),
  cannotWrite: () => 'stock TF.js has no layer that normalizes by stored statistics',
  slots(attrs, inputs) {
    if (attrs.mean !== null) return [];
    const shape = statisticsShape(attrs, inputs).filter((_, index) =>
      indices(attrs.axes, single(inputs).length + 1).includes(index + 1),
    );
    const slot = (role: string): WeightSlot => ({ role, shape, channelAxis: null, kind: 'vector' });
    return [slot('mean'), slot('variance')];
  },
  shape(attrs, inputs) {
    const count = elements(statisticsShape(attrs, inputs));
    for (const given of [attrs.mean, attrs.variance]) {
      if (given === null || given.length === 1 || given.length === count) continue;
      throw shapeMismatch(`It has ${given.length} statistics for ${count} channels.`);
    }
    return single(inputs);
  },
  channels: (_attrs, inputs) => ({ ...passed(inputs), keeps: [{ of: 'output', reason: 'attribute' }] }),
  forward({ inputs, attrs, weights }) {
    const x = single(inputs);
    const shape = [1, ...statisticsShape(attrs, [x.shape.slice(1)])];
    const laid = (given: readonly number[] | null, stored: tf.Tensor | undefined): tf.Tensor => {
      if (given === null) return tf.reshape(stored as tf.Tensor, shape);
      return given.length === 1 ? tf.scalar(given[0] as number) : tf.tensor([...given], shape);
    };
    const mean = laid(attrs.mean, weights.mean);
    const deviation = tf.maximum(tf.sqrt(laid(attrs.variance, weights.variance)), 1e-7);
    return attrs.invert ? tf.add(mean, tf.mul(x, deviation)) : tf.div(tf.sub(x, mean), deviation);
  },
});
