/**
 * Normalizations of each sample by itself, inference and training alike:
 *
 *   LayerNormalization   (Ba et al. 2016)       γ (x − μ) / √(σ² + ε) + β over the axes given, γ and β along them
 *   RMSNormalization     (Zhang & Sennrich 2019)   γ x / √(mean x² + ε)
 *   GroupNormalization   (Wu & He 2018)         μ and σ² over all places of a group of channels, γ and β per channel
 *   UnitNormalization                           x / √(Σ x²), of length one along the axes given
 *
 * σ² is the biased variance.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import type { KerasConfig, WeightSlot } from '../op.ts';
import { passed } from './channel-flow.ts';
import { type FieldReader, readFields } from './config.ts';
import { axisOf, defineOp, knownSize, shapeMismatch, single } from './define.ts';

type Roles = Readonly<Record<string, tf.Tensor | undefined>>;

/** One axis or a list of them, batch included. */
function readAxes(field: FieldReader): readonly number[] {
  const value = field.has('axis') ? field.raw('axis') : -1;
  const axes = Array.isArray(value) ? value : [value];
  const valid =
    axes.length > 0 && axes.every((axis) => typeof axis === 'number' && Number.isInteger(axis) && Math.abs(axis) <= 16);
  if (!valid) throw field.malformed('axis', 'an axis number or a list of them');
  return axes as number[];
}

/** Indices into a tensor of `rank`, in order. */
const sorted = (axes: readonly number[], rank: number): number[] =>
  [...new Set(axes.map((axis) => axisOf(axis, rank)))].sort((a, b) => a - b);

const vectorSlots = (roles: readonly string[], shape: readonly number[]): WeightSlot[] =>
  roles.map((role) => ({ role, shape, channelAxis: shape.length - 1, kind: 'vector' }));

/** The stored vector laid along the axes of x that it counts. */
function along(vector: tf.Tensor, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return tf.reshape(
    vector,
    x.shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
  );
}

function scaledAndShifted(y: tf.Tensor, weights: Roles, axes: readonly number[]): tf.Tensor {
  const scaled = weights.gamma === undefined ? y : tf.mul(y, along(weights.gamma, y, axes));
  return weights.beta === undefined ? scaled : tf.add(scaled, along(weights.beta, y, axes));
}

/** (x − μ) / √(σ² + ε) over some axes; without μ where only the size is normalized. */
function standardized(x: tf.Tensor, axes: readonly number[], epsilon: number, centred = true): tf.Tensor {
  const middle = centred ? tf.sub(x, tf.mean(x, [...axes], true)) : x;
  const variance = tf.mean(tf.square(middle), [...axes], true);
  return tf.div(middle, tf.sqrt(tf.add(variance, epsilon)));
}

/** All channels count in every mean: none can go. */
const kept = (inputs: readonly Shape[]) => ({ ...passed(inputs), keeps: [{ of: 'output', reason: 'statistics' }] }) as const;

export type LayerNormalizationAttrs = {
  /** Counts the batch; −1 is the last. */
  readonly axes: readonly number[];
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
};

function parameterShape(axes: readonly number[], inputs: readonly Shape[]): number[] {
  const input = single(inputs);
  return sorted(axes, input.length + 1).map((axis) => knownSize(input, axis - 1));
}

export const layerNormalization = defineOp<LayerNormalizationAttrs>({
  kind: 'LayerNormalization',
  classes: ['LayerNormalization'],
  read(config, place) {
    const field = readFields(config, place);
    field.requireOnly(
      'rms_scaling',
      false,
      'It divides by a variance about the mean without taking the mean away.',
      'Use RMSNormalization in Keras and save the model again.',
    );
    return {
      axes: readAxes(field),
      epsilon: field.number('epsilon', 1e-3),
      center: field.flag('center', true),
      scale: field.flag('scale', true),
    };
  },
  write: ({ axes, epsilon, center, scale }) => ({
    className: 'LayerNormalization',
    config: { axis: axes.length === 1 ? (axes[0] as number) : axes, epsilon, center, scale },
  }),
  slots({ axes, center, scale }, inputs) {
    return vectorSlots([...(scale ? ['gamma'] : []), ...(center ? ['beta'] : [])], parameterShape(axes, inputs));
  },
  shape({ axes }, inputs) {
    parameterShape(axes, inputs);
    return single(inputs);
  },
  channels: (_attrs, inputs) => kept(inputs),
  forward({ inputs, attrs, weights }) {
    const x = single(inputs);
    const axes = sorted(attrs.axes, x.rank);
    return scaledAndShifted(standardized(x, axes, attrs.epsilon), weights, axes);
  },
});

export const rmsNormalization = defineOp<{ readonly axes: readonly number[]; readonly epsilon: number }>({
  kind: 'RMSNormalization',
  classes: ['RMSNormalization'],
  read(config, place) {
    const field = readFields(config, place);
    return { axes: readAxes(field), epsilon: field.number('epsilon', 1e-6) };
  },
  write: ({ axes, epsilon }) => ({ className: 'RMSNormalization', config: { axis: axes, epsilon } }),
  cannotWrite: () => 'stock TF.js has no normalization by the root mean square',
  slots: ({ axes }, inputs) => [
    { role: 'scale', shape: parameterShape(axes, inputs), channelAxis: axes.length - 1, kind: 'vector' },
  ],
  shape({ axes }, inputs) {
    parameterShape(axes, inputs);
    return single(inputs);
  },
  channels: (_attrs, inputs) => kept(inputs),
  forward({ inputs, attrs, weights: { scale } }) {
    const x = single(inputs);
    const axes = sorted(attrs.axes, x.rank);
    return scaledAndShifted(standardized(x, axes, attrs.epsilon, false), { gamma: scale }, axes);
  },
});

export const unitNormalization = defineOp<{ readonly axes: readonly number[] }>({
  kind: 'UnitNormalization',
  classes: ['UnitNormalization'],
  read: (config, place) => ({ axes: readAxes(readFields(config, place)) }),
  write: ({ axes }) => ({ className: 'UnitNormalization', config: { axis: axes } }),
  cannotWrite: () => 'stock TF.js has no normalization to unit length',
  shape({ axes }, inputs) {
    const input = single(inputs);
    sorted(axes, input.length + 1);
    return input;
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs }) {
    const x = single(inputs);
    const square = tf.sum(tf.square(x), sorted(attrs.axes, x.rank), true);
    // Keras' floor under the length, so that zeros stay zeros.
    return tf.mul(x, tf.rsqrt(tf.maximum(square, 1e-12)));
  },
});

export type GroupNormalizationAttrs = {
  readonly groups: number;
  /** Counts the batch; −1 is the last. */
  readonly axis: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
};

/** The number of groups; −1 stands for one per channel. */
function groupsOf({ groups, axis }: GroupNormalizationAttrs, input: Shape): number {
  const channels = knownSize(input, axisOf(axis, input.length + 1) - 1);
  const count = groups === -1 ? channels : groups;
  if (channels % count === 0) return count;
  throw shapeMismatch(`${count} groups do not divide its ${channels} channels.`);
}

export const groupNormalization = defineOp<GroupNormalizationAttrs>({
  kind: 'GroupNormalization',
  classes: ['GroupNormalization'],
  read(config, place) {
    const field = readFields(config, place);
    const groups = field.raw('groups') === -1 ? -1 : field.integer('groups', 32);
    return {
      groups,
      axis: field.axis('axis', -1),
      epsilon: field.number('epsilon', 1e-3),
      center: field.flag('center', true),
      scale: field.flag('scale', true),
    };
  },
  write: (attrs): { className: string; config: KerasConfig } => ({ className: 'GroupNormalization', config: attrs }),
  cannotWrite: () => 'stock TF.js has no normalization of groups',
  slots({ axis, center, scale }, inputs) {
    const input = single(inputs);
    const channels = knownSize(input, axisOf(axis, input.length + 1) - 1);
    return vectorSlots([...(scale ? ['gamma'] : []), ...(center ? ['beta'] : [])], [channels]);
  },
  shape(attrs, inputs) {
    const input = single(inputs);
    groupsOf(attrs, input);
    return input;
  },
  channels: (_attrs, inputs) => kept(inputs),
  forward({ inputs, attrs, weights }) {
    const x = single(inputs);
    const axis = axisOf(attrs.axis, x.rank);
    const groups = groupsOf(attrs, x.shape.slice(1));
    const cut = [...x.shape.slice(0, axis), groups, (x.shape[axis] ?? 1) / groups, ...x.shape.slice(axis + 1)];
    const axes = [...cut.keys()].filter((other) => other !== 0 && other !== axis);
    return scaledAndShifted(tf.reshape(standardized(tf.reshape(x, cut), axes, attrs.epsilon), x.shape), weights, [axis]);
  },
});
