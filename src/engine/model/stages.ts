/**
 * Layers as the operators that a TFLite file has for them, each with an output of its own that can have a grid: an activation that no
 * operator takes along becomes a layer, a separable convolution two, swish(x) = x · σ(x) a sigmoid and a product, attention in heads its projections
 * and what is between them. The values between
 * are named after the layer's own output: `fc1#linear`, `sep#depthwise`, `act#gate`, `mha#query`. Weights stay those of the layer, under its ids.
 */
import type { Model, Node, ValueId } from './model.ts';
import { threeOf } from './ops/attention.ts';
import {
  headProjection,
  headsAttention,
  type MultiHeadAttrs,
  outputProjection,
  outputScope,
  projections,
} from './ops/multi-head-attention.ts';
import type { TimeDistributedAttrs } from './ops/time-distributed.ts';

/** What a value inside of a layer is. */
export type Inside = 'linear' | 'depthwise' | 'gate' | 'query' | 'key' | 'value' | 'heads';

/** The name of a value inside of a layer. */
export function insideValue({ outputs: [output = ''] }: Node, inside: Inside): ValueId {
  return `${output}#${inside}`;
}

/** Activations that convolutions and other operators apply themselves. */
export const fusedActivations: ReadonlySet<unknown> = new Set(['linear', 'relu', 'relu6']);

/** A layer as a row of layers that make the same output; one that is an operator already stands alone, the same object. */
export function stagesOf(node: Node, model: Pick<Model, 'weights'>): readonly Node[] {
  const further = (stage: Node): readonly Node[] => stagesOf(stage, model);
  if (node.op === 'SeparableConv2D') return separated(node, 2).flatMap(further);
  if (node.op === 'SeparableConv1D') return separated(node, 1).flatMap(further);
  if (node.op === 'MultiHeadAttention' || node.op === 'GroupQueryAttention') return inHeads(node, model);
  if (node.op === 'TimeDistributed') return onSteps(node, model);
  if (node.op === 'Activation') return node.attrs.activation === 'swish' ? swish(node) : [node];
  const { activation } = node.attrs;
  if (activation === undefined || fusedActivations.has(activation)) return [node];
  const linear = insideValue(node, 'linear');
  return [
    { ...node, attrs: { ...node.attrs, activation: 'linear' }, outputs: [linear] },
    ...further(after(node, 'Activation', { activation }, [linear])),
  ];
}

/** The stages of the layer within, each on every step; those without weights treat all steps alike. */
function onSteps(node: Node, model: Pick<Model, 'weights'>): readonly Node[] {
  const { inner } = node.attrs as TimeDistributedAttrs;
  const [only, ...others] = stagesOf({ ...node, op: inner.op, attrs: inner.attrs }, model);
  if (only === undefined || others.length === 0) return [node];
  return [only, ...others].map((stage) =>
    stage.op === 'Activation' || stage.op === 'Multiply'
      ? stage
      : { ...stage, op: node.op, attrs: { inner: { op: stage.op, attrs: stage.attrs } } },
  );
}

/** A layer without weights that makes the node's output. */
function after({ name, outputs }: Node, op: string, attrs: Node['attrs'], inputs: Node['inputs']): Node {
  return { name, op, attrs, inputs, outputs, weights: {} };
}

function swish(node: Node): readonly Node[] {
  const gate = insideValue(node, 'gate');
  const [input = ''] = node.inputs;
  return [{ ...node, attrs: { activation: 'sigmoid' }, outputs: [gate] }, after(node, 'Multiply', {}, [input, gate])];
}

function separated(node: Node, dimensions: 1 | 2): readonly Node[] {
  const { depthwise_kernel = '', pointwise_kernel = '', bias } = node.weights;
  const { filters = 0, depthMultiplier = 1, useBias, activation, ...window } = node.attrs;
  const between = insideValue(node, 'depthwise');
  const one = dimensions === 1 ? 1 : [1, 1];
  return [
    {
      ...node,
      op: `DepthwiseConv${dimensions}D`,
      attrs: { ...window, depthMultiplier, useBias: false, activation: 'linear' },
      outputs: [between],
      weights: { depthwise_kernel },
    },
    {
      ...node,
      op: `Conv${dimensions}D`,
      attrs: {
        filters,
        kernelSize: one,
        strides: one,
        padding: 'valid',
        dilation: one,
        useBias: useBias === true,
        activation: activation ?? 'linear',
      },
      inputs: [between],
      weights: { kernel: pointwise_kernel, ...(bias === undefined ? {} : { bias }) },
    },
  ];
}

/** Sizes of the output are those of the last kernel. */
function inHeads(node: Node, { weights }: Pick<Model, 'weights'>): readonly Node[] {
  const attrs = node.attrs as MultiHeadAttrs;
  const three = threeOf(node.inputs);
  const own = (scope: string): Node['weights'] => {
    const { [`${scope}/kernel`]: kernel = '', [`${scope}/bias`]: bias } = node.weights;
    return { kernel, ...(bias === undefined ? {} : { bias }) };
  };
  const [query, value, key] = (['query', 'value', 'key'] as const).map((inside) => insideValue(node, inside));
  const heads = insideValue(node, 'heads');
  const last = own(outputScope);
  const sizes = weights.get(last.kernel ?? '')?.shape.slice(2) ?? [];
  const { name } = node;
  return [
    ...projections.map(({ scope, input }): Node => {
      const outputs = [insideValue(node, scope)];
      return {
        name,
        op: 'EinsumDense',
        attrs: headProjection(attrs, scope),
        inputs: [three[input]],
        outputs,
        weights: own(scope),
      };
    }),
    {
      ...{ name, op: 'Attention', attrs: headsAttention(attrs), weights: {} },
      ...{ inputs: [query ?? '', value ?? '', key ?? ''], outputs: [heads] },
    },
    { ...node, op: 'EinsumDense', attrs: outputProjection(attrs, sizes), inputs: [heads], weights: last },
  ];
}

/** The model with every layer in its stages. Names of layers are no longer unique: stages keep their layer's. */
export function staged(model: Model): Model {
  return { ...model, nodes: model.nodes.flatMap((node) => stagesOf(node, model)) };
}
