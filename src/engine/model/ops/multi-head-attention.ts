/**
 * MultiHeadAttention (Vaswani et al. 2017): query, key and value are projected into heads, each head attends by itself with scores
 * q kᵀ / √key_dim, and what the heads find is projected back. GroupQueryAttention (Ainslie et al. 2023) has fewer heads for keys and values.
 * Both are EinsumDense and Attention one behind the other (`attentionStages`); here they run as one layer.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import type { ChannelAxis, ChannelFlow, ForwardCall, KerasConfig, Op, WeightSlot } from '../op.ts';
import { type AttentionAttrs, attention, readCausal, threeOf } from './attention.ts';
import { headOrder, headShape, headsMacs } from './attention-heads.ts';
import { channelCount } from './channel-flow.ts';
import { type FieldReader, readFields } from './config.ts';
import { defineOp, elements, knownSize, shapeMismatch, tensorOf } from './define.ts';
import type { EinsumDenseAttrs } from './einsum-dense.ts';
import { einsumDense } from './einsum-dense.ts';

export type MultiHeadAttrs = {
  readonly queryHeads: number;
  readonly keyHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly useBias: boolean;
  /** In place of the query's features; null where they are those of the query. */
  readonly outputShape: readonly number[] | null;
  /** Axes of rows that look at each other, the batch counted; null for all. */
  readonly axes: readonly number[] | null;
  /** No row sees those behind it. */
  readonly causal: boolean;
};

/** A projection: the input that it reads, and the scope of its tensors, named as Keras names its layers. */
export const projections = [
  { scope: 'query', input: 0 },
  { scope: 'key', input: 2 },
  { scope: 'value', input: 1 },
] as const;
type Scope = (typeof projections)[number]['scope'];
export const outputScope = 'attention_output';

const headSizes = ({ queryHeads, keyHeads, keyDim, valueDim }: MultiHeadAttrs): Readonly<Record<Scope, [number, number]>> => ({
  query: [queryHeads, keyDim],
  key: [keyHeads, keyDim],
  value: [keyHeads, valueDim],
});

/** The projection into heads as an EinsumDense. */
export function headProjection(attrs: MultiHeadAttrs, scope: Scope): EinsumDenseAttrs {
  const biasAxes = attrs.useBias ? 'hd' : null;
  return { equation: '...c,chd->...hd', outputShape: headSizes(attrs)[scope], biasAxes, activation: 'linear' };
}

/** The projection of all heads to `sizes`, in place of the last two axes, as an EinsumDense. */
export function outputProjection({ useBias }: MultiHeadAttrs, sizes: readonly number[]): EinsumDenseAttrs {
  const letters = 'opqrst'.slice(0, sizes.length);
  const equation = `...hd,hd${letters}->...${letters}`;
  return { equation, outputShape: sizes, biasAxes: useBias ? letters : null, activation: 'linear' };
}

/** What happens between the projections, as an Attention. */
export function headsAttention({ keyDim, axes, causal }: MultiHeadAttrs): AttentionAttrs {
  return { score: 'dot', useScale: false, causal, factor: 1 / Math.sqrt(keyDim), heads: { axes } };
}

const outputSizes = ({ outputShape }: MultiHeadAttrs, query: Shape): readonly number[] => outputShape ?? [knownSize(query, -1)];

/** Shapes of query, value and key once they are projected. */
function projected(attrs: MultiHeadAttrs, inputs: readonly Shape[]): readonly [Shape, Shape, Shape] {
  const sizes = headSizes(attrs);
  const [query, value, key] = threeOf(inputs);
  if (query.length < 2) throw shapeMismatch('Its query must have rows and features.');
  const into = (shape: Shape, scope: Scope): Shape => [...shape.slice(0, -1), ...sizes[scope]];
  return [into(query, 'query'), into(value, 'value'), into(key, 'key')];
}

function shapeOf(attrs: MultiHeadAttrs, inputs: readonly Shape[]): Shape {
  const three = projected(attrs, inputs);
  const { apart, together } = headOrder(attrs.axes, three[0].length + 1);
  if (attrs.causal && (apart.length > 0 || together.length > 1))
    throw shapeMismatch('It is called with use_causal_mask = True, which has no meaning for rows along several axes.');
  headShape(attrs.axes, three);
  const [query] = threeOf(inputs);
  return [...query.slice(0, -1), ...outputSizes(attrs, query)];
}

function slotsOf(attrs: MultiHeadAttrs, inputs: readonly Shape[]): WeightSlot[] {
  const three = threeOf(inputs);
  const sizes = headSizes(attrs);
  const slot = (scope: string, ins: readonly number[], out: readonly number[]): WeightSlot[] => [
    { role: `${scope}/kernel`, shape: [...ins, ...out], channelAxis: ins.length + out.length - 1, kind: 'kernel' },
    ...(attrs.useBias ? [{ role: `${scope}/bias`, shape: out, channelAxis: null, kind: 'vector' } as const] : []),
  ];
  return [
    ...projections.flatMap(({ scope, input }) => slot(scope, [knownSize(three[input], -1)], sizes[scope])),
    ...slot(outputScope, [attrs.queryHeads, attrs.valueDim], outputSizes(attrs, three[0])),
  ];
}

function macsOf(attrs: MultiHeadAttrs, inputs: readonly Shape[], output: Shape): number {
  const three = threeOf(inputs);
  const shapes = projected(attrs, inputs);
  const into = three.reduce((sum, shape, input) => sum + elements(shapes[input] ?? []) * elements(shape.slice(-1)), 0);
  return into + headsMacs(attrs.axes, shapes) + elements(output) * attrs.queryHeads * attrs.valueDim;
}

/** Features are read by the projections and made by the last one; those of a query that tells the output's stay. */
function flow(attrs: MultiHeadAttrs, inputs: readonly Shape[], output: Shape): ChannelFlow {
  const reads = projections.flatMap(({ scope, input }): ChannelAxis[] => {
    const counts = input < inputs.length ? input : 1;
    return [{ role: `${scope}/kernel`, axis: 0, counts, use: 'reads' }];
  });
  const rank = attrs.outputShape?.length ?? 1;
  const axes: ChannelAxis[] = [
    ...reads,
    { role: `${outputScope}/kernel`, axis: rank + 1, counts: 'output', use: 'makes' },
    { role: `${outputScope}/bias`, axis: rank - 1, counts: 'output', use: 'passes' },
  ];
  const { outputShape } = attrs;
  if (outputShape === null || channelCount(output) === 0) {
    const keeps = [{ of: 0, reason: 'attribute' } as const, { of: 'output', reason: 'attribute' } as const];
    return { axes, keeps };
  }
  return { axes, resized: (channels) => ({ ...attrs, outputShape: [...outputShape.slice(0, -1), channels] }) };
}

function run({ inputs, attrs, weights, training }: ForwardCall & { readonly attrs: MultiHeadAttrs }): tf.Tensor {
  const three = threeOf(inputs);
  const project = (x: tf.Tensor, scope: string, own: EinsumDenseAttrs): tf.Tensor => {
    const roles = { kernel: tensorOf(weights, `${scope}/kernel`), bias: weights[`${scope}/bias`] };
    return einsumDense.forward({ inputs: [x], attrs: own, weights: roles, training });
  };
  const [query, key, value] = projections.map(({ scope, input }) => project(three[input], scope, headProjection(attrs, scope)));
  if (query === undefined || key === undefined || value === undefined) throw new Error('There are three projections.');
  const heads = attention.forward({ inputs: [query, value, key], attrs: headsAttention(attrs), weights: {}, training });
  const sizes = tensorOf(weights, `${outputScope}/kernel`).shape.slice(2);
  return project(heads, outputScope, outputProjection(attrs, sizes));
}

function readList(field: FieldReader, name: string, least: number): readonly number[] | null {
  if (!field.has(name)) return null;
  const value = field.raw(name);
  const list = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((item) => Number.isInteger(item) && (item as number) >= least)) return list as number[];
  if (list.length === 0) return null;
  throw field.malformed(name, 'a whole number or a list of them');
}

type Definition = Pick<Parameters<typeof defineOp<MultiHeadAttrs>>[0], 'kind' | 'classes' | 'read' | 'write'>;

const defineHeads = (definition: Definition): Op =>
  defineOp<MultiHeadAttrs>({
    ...definition,
    cannotWrite: () => 'stock TF.js has no attention',
    slots: slotsOf,
    shape: shapeOf,
    macs: macsOf,
    channels: flow,
    forward: run,
  });

/** What Keras 3.15 added and computes otherwise. */
function requirePlain(field: FieldReader): void {
  const remedy = 'Build it without that in Keras, train it again and save.';
  field.requireOnly('use_gate', false, 'What its heads find is multiplied by a gate, which is not computed here.', remedy);
  field.requireOnly('sliding_window', null, 'Each row attends to its neighbours alone, which is not computed here.', remedy);
}

export const multiHeadAttention = defineHeads({
  kind: 'MultiHeadAttention',
  classes: ['MultiHeadAttention'],
  read(config, place) {
    const field = readFields(config, place);
    requirePlain(field);
    const [heads, keyDim] = [field.integer('num_heads'), field.integer('key_dim')];
    return {
      queryHeads: heads,
      keyHeads: heads,
      keyDim,
      valueDim: field.integer('value_dim', keyDim),
      useBias: field.flag('use_bias', true),
      outputShape: readList(field, 'output_shape', 1),
      axes: readList(field, 'attention_axes', -16),
      causal: readCausal(field),
    };
  },
  write: ({ queryHeads, keyDim, valueDim, useBias, outputShape, axes }): { className: string; config: KerasConfig } => ({
    className: 'MultiHeadAttention',
    config: {
      ...{ num_heads: queryHeads, key_dim: keyDim, value_dim: valueDim, use_bias: useBias },
      ...{ output_shape: outputShape, attention_axes: axes },
    },
  }),
});

export const groupQueryAttention = defineHeads({
  kind: 'GroupQueryAttention',
  classes: ['GroupQueryAttention', 'GroupedQueryAttention'],
  read(config, place) {
    const field = readFields(config, place);
    requirePlain(field);
    const [queryHeads, keyHeads] = [field.integer('num_query_heads'), field.integer('num_key_value_heads')];
    if (queryHeads % keyHeads !== 0) throw field.malformed('num_query_heads', 'a multiple of `num_key_value_heads`');
    const dim = field.integer('head_dim');
    const useBias = field.flag('use_bias', true);
    return {
      queryHeads,
      keyHeads,
      keyDim: dim,
      valueDim: dim,
      useBias,
      outputShape: null,
      axes: null,
      causal: readCausal(field),
    };
  },
  write: ({ queryHeads, keyHeads, keyDim, useBias }) => ({
    className: 'GroupQueryAttention',
    config: { num_query_heads: queryHeads, num_key_value_heads: keyHeads, head_dim: keyDim, use_bias: useBias },
  }),
});
