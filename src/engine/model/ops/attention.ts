/**
 * Attention: every row of a query looks at all rows of a key and takes the mean of the value's rows, weighted by softmax(scores).
 *
 *   Attention           (Luong et al. 2015)      scores = q kᵀ, times a scale; or, as `concat`, Σ tanh(scale · (q + k)), times a factor
 *   AdditiveAttention   (Bahdanau et al. 2015)   scores = Σ scale · tanh(q + k)
 *
 * Inputs are query [rows, features], value and key (the value where it is absent). Where it is causal, no row sees those behind it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import type { KerasConfig, Op, WeightSlot } from '../op.ts';
import { type AttendedHeads, attended, headShape, headsMacs, mergedHeads, splitHeads } from './attention-heads.ts';
import { type FieldReader, readFields } from './config.ts';
import { defineOp, elements, formatShape, knownSize, shapeMismatch, tensorOf } from './define.ts';

export type AttentionAttrs = {
  readonly score: 'dot' | 'concat';
  readonly useScale: boolean;
  readonly causal: boolean;
  /** A constant that scores are multiplied by. */
  readonly factor: number;
  /** Where the inputs are [rows …, heads, features], as within a MultiHeadAttention: the axes of rows that look at each other, null for all. */
  readonly heads: { readonly axes: readonly number[] | null } | null;
};

/** An argument of the call, which readers put among the settings; Keras before 2.10 has a setting for it. */
export const readCausal = (field: FieldReader): boolean => field.flag('use_causal_mask', field.flag('causal', false));

/** Query, value and key. */
export function threeOf<T>(inputs: readonly T[]): readonly [query: T, value: T, key: T] {
  const [query, value, key = value] = inputs;
  if (query !== undefined && value !== undefined && key !== undefined && inputs.length <= 3) return [query, value, key];
  throw shapeMismatch(`It takes a query, a value and maybe a key, but was given ${inputs.length} inputs.`);
}

/** The shape of the output of plain attention. */
function plainShape(inputs: readonly Shape[]): Shape {
  const [query, value, key] = threeOf(inputs);
  const alike = (a: number | null | undefined, b: number | null | undefined): boolean => a === b || a === null || b === null;
  const fits = [query, value, key].every(({ length }) => length === 2) && alike(value[0], key[0]) && alike(query[1], key[1]);
  if (fits) return [query[0] ?? null, value[1] ?? null];
  const shown = [query, value, key].map(formatShape).join(', ');
  throw shapeMismatch(`It takes a query, a value and a key of rows and features that fit each other, but was given ${shown}.`);
}

/** Products of scores and of what they weigh. */
function plainMacs(inputs: readonly Shape[], perScore: number): number {
  const [query, value] = threeOf(inputs);
  return elements([query[0] ?? null, value[0] ?? null]) * (perScore + elements(value.slice(1)));
}

/** Σ over features of f(q + k) for each pair of rows; q [batch, rows, features], k [batch, others, features]. */
function pairs(query: tf.Tensor, key: tf.Tensor, f: (sum: tf.Tensor) => tf.Tensor): tf.Tensor {
  return tf.sum(f(tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1))), -1);
}

const scalar = (role: string): WeightSlot => ({ role, shape: [], channelAxis: null, kind: 'vector' });

export const attention = defineOp<AttentionAttrs>({
  kind: 'Attention',
  classes: ['Attention'],
  read(config, place) {
    const field = readFields(config, place);
    return {
      score: field.choice('score_mode', ['dot', 'concat'], 'dot'),
      useScale: field.flag('use_scale', false),
      causal: readCausal(field),
      factor: 1,
      heads: null,
    };
  },
  write: ({ score, useScale }): { className: string; config: KerasConfig } => ({
    className: 'Attention',
    config: { use_scale: useScale, score_mode: score },
  }),
  cannotWrite: () => 'stock TF.js has no attention',
  slots: ({ score, useScale }) => [
    ...(useScale ? [scalar('scale')] : []),
    ...(score === 'concat' ? [scalar('concat_score_weight')] : []),
  ],
  shape: ({ heads }, inputs) => (heads === null ? plainShape(inputs) : headShape(heads.axes, threeOf(inputs))),
  macs({ score, heads }, inputs) {
    if (heads !== null) return headsMacs(heads.axes, threeOf(inputs));
    return plainMacs(inputs, score === 'dot' ? knownSize(threeOf(inputs)[0], 1) : 0);
  },
  forward({ inputs, attrs: { score, causal, factor, heads }, weights }) {
    const [query, value, key] = threeOf(inputs);
    if (heads !== null) {
      const { query: q, value: v, key: k, repeats, ...places }: AttendedHeads = splitHeads([query, value, key], heads.axes);
      return mergedHeads(attended(tf.mul(tf.matMul(q, k, false, true), factor), v, causal, repeats), places);
    }
    const { scale, concat_score_weight: weight } = weights;
    const scaled = (x: tf.Tensor): tf.Tensor => (scale === undefined ? x : tf.mul(x, scale));
    const scores =
      score === 'dot'
        ? scaled(tf.matMul(query, key, false, true))
        : tf.mul(
            pairs(query, key, (sum) => tf.tanh(scaled(sum))),
            weight as tf.Tensor,
          );
    return attended(scores, value, causal);
  },
});

export const additiveAttention: Op = defineOp<{ readonly useScale: boolean; readonly causal: boolean }>({
  kind: 'AdditiveAttention',
  classes: ['AdditiveAttention'],
  read(config, place) {
    const field = readFields(config, place);
    return { useScale: field.flag('use_scale', true), causal: readCausal(field) };
  },
  write: ({ useScale }) => ({ className: 'AdditiveAttention', config: { use_scale: useScale } }),
  cannotWrite: () => 'stock TF.js has no attention',
  slots: ({ useScale }, inputs) =>
    useScale ? [{ role: 'scale', shape: [knownSize(threeOf(inputs)[0], 1)], channelAxis: null, kind: 'vector' }] : [],
  shape: (_attrs, inputs) => plainShape(inputs),
  macs: ({ useScale }, inputs) => plainMacs(inputs, useScale ? knownSize(threeOf(inputs)[0], 1) : 0),
  forward({ inputs, attrs: { useScale, causal }, weights }) {
    const [query, value, key] = threeOf(inputs);
    const scores = pairs(query, key, (sum) => (useScale ? tf.mul(tf.tanh(sum), tensorOf(weights, 'scale')) : tf.tanh(sum)));
    return attended(scores, value, causal);
  },
});
