/**
 * Per-channel grids in a format with one scale per tensor. With K = s_c · Q_c (Q the codes counted from zero, s one scale per output channel),
 *
 *   K·x + b = s · (Q·x) + b            the kernel keeps its codes, a BatchNormalization behind it has γ = s, β = b, μ = 0, σ² = 1, ε = 0
 *   γ (K·x + b − μ)/√(σ²+ε) + β = γs (Q·x + b/s − μ/s)/√(σ²+ε) + β       where a BatchNormalization stands there already
 *
 * Both hold up to float32 rounding of the sums.
 */
import { type AffineEncoding, decode, float32 } from '../../model/encoding.ts';
import type { Json, Model, Node, Weight, WeightId } from '../../model/model.ts';
import { commonCodes } from './common-codes.ts';
import { configOf, createNamer, newNode, reconfigured } from './reconfigure.ts';

/** The role that holds the kernel of each op whose output channels a BatchNormalization can scale. */
const kernelRoles: Readonly<Record<string, string>> = {
  Dense: 'kernel',
  Conv1D: 'kernel',
  Conv2D: 'kernel',
  DepthwiseConv2D: 'depthwise_kernel',
};

interface ScaledKernel {
  readonly role: string;
  /** The codes on one grid of scale 1. */
  readonly codes: Weight;
  /** One scale per output channel. */
  readonly scales: Float64Array;
}

/** The model with every per-channel kernel that can be said this way rewritten, and the outputs unchanged. */
export function moveChannelScales(model: Model): Model {
  const weights = new Map(model.weights);
  const nameFor = createNamer(model.nodes);
  const absorbed = new Map<Node, Node>();
  const nodes = model.nodes.flatMap((node): Node[] => {
    const ready = absorbed.get(node);
    if (ready) return [ready];
    const kernel = scaledKernel(model, node);
    if (!kernel) return [node];
    const normalization = normalizationBehind(model, node);
    if (!normalization) return insertScales(model, node, { kernel, weights, nameFor });
    absorbed.set(normalization, absorbScales(model, normalization, kernel.scales, weights));
    return [divideBias(model, node, kernel, weights)];
  });
  return { ...model, nodes, weights };
}

function scaledKernel(model: Model, node: Node): ScaledKernel | undefined {
  const role = kernelRoles[node.op];
  const weight = role === undefined ? undefined : model.weights.get(node.weights[role] ?? '');
  if (role === undefined || weight?.encoding.kind !== 'affine') return undefined;
  if (weight.encoding.axis === null || weight.encoding.group !== undefined) return undefined;
  const scales = outputScales(node, weight, weight.encoding);
  const codes = commonCodes(weight, weight.encoding);
  return scales && codes ? { role, codes, scales } : undefined;
}

/** The scales in the order of the layer's output channels; undefined where the grid runs along another axis. */
function outputScales(node: Node, { shape }: Weight, { axis, scale }: AffineEncoding): Float64Array | undefined {
  if (axis === shape.length - 1 && node.op !== 'DepthwiseConv2D') return scale;
  if (node.op !== 'DepthwiseConv2D') return undefined;
  const [, , channels = 0, multiplier = 0] = shape;
  if (axis === 2) return Float64Array.from({ length: channels * multiplier }, (_, i) => scale[Math.floor(i / multiplier)] ?? 1);
  if (axis === 3) return Float64Array.from({ length: channels * multiplier }, (_, i) => scale[i % multiplier] ?? 1);
  return undefined;
}

/** The BatchNormalization that is all this layer's output goes to, where neither layer is shared and no activation is between. */
function normalizationBehind(model: Model, node: Node): Node | undefined {
  const [value] = node.outputs;
  const users = model.nodes.filter((other) => other.inputs.some((input) => input === value));
  const [user] = users;
  if (users.length !== 1 || user?.op !== 'BatchNormalization' || value === undefined || model.outputs.includes(value))
    return undefined;
  if ((configOf(node).activation ?? 'linear') !== 'linear' || isShared(model, node) || isShared(model, user)) return undefined;
  const kernel = model.weights.get(node.weights[kernelRoles[node.op] ?? ''] ?? '');
  const { axis } = configOf(user);
  // Dense works on inputs of any rank, so only the last axis named as such is surely its channels.
  const last = Array.isArray(axis) ? axis[0] : axis;
  return last === -1 || (node.op !== 'Dense' && last === (kernel?.shape.length ?? 0) - 1) ? user : undefined;
}

function isShared(model: Model, node: Node): boolean {
  const ids = new Set(Object.values(node.weights));
  return model.nodes.some((other) => other !== node && Object.values(other.weights).some((id) => ids.has(id)));
}

interface Insertion {
  readonly kernel: ScaledKernel;
  /** Receives the new tensors. */
  readonly weights: Map<WeightId, Weight>;
  readonly nameFor: (wish: string) => string;
}

function insertScales(model: Model, node: Node, { kernel, weights, nameFor }: Insertion): Node[] {
  const config = configOf(node);
  const activation = config.activation ?? 'linear';
  const hasActivation = activation !== 'linear';
  const isOutput = node.outputs.some((value) => model.outputs.includes(value));
  const [output = node.name] = node.outputs;
  const [linear, scaled] = [`${output}:codes`, hasActivation ? `${output}:scaled` : output];
  // The layer with the kernel keeps the name that recipes address, except where callers ask for the output by that name.
  const name = (part: string, isLast: boolean): string => (isOutput && isLast ? node.name : nameFor(`${node.name}_${part}`));
  const kernelId = node.weights[kernel.role] ?? '';
  const codesId = `${kernelId}:codes`;
  const bias = node.weights.bias === undefined ? undefined : model.weights.get(node.weights.bias);
  const ids = scaleWeights(kernelId, node.weights.bias, kernel.scales, bias, weights);
  weights.set(codesId, kernel.codes);
  return [
    {
      ...node,
      name: isOutput ? nameFor(`${node.name}_codes`) : node.name,
      attrs: reconfigured(node, { activation: 'linear', use_bias: false }),
      outputs: [linear],
      weights: { [kernel.role]: codesId },
    },
    newNode(
      'BatchNormalization',
      { axis: -1, momentum: 0.99, epsilon: 0, center: bias !== undefined, scale: true },
      { name: name('scales', !hasActivation), inputs: [linear], outputs: [scaled], weights: ids },
    ),
    ...(hasActivation
      ? [newNode('Activation', { activation }, { name: name('activation', true), inputs: [scaled], outputs: node.outputs })]
      : []),
  ];
}

/** γ = scales, β = bias, μ = 0 and σ² = 1, the constants in a byte per channel. Ids follow the kernel and bias: shared layers share them. */
function scaleWeights(
  kernelId: WeightId,
  biasId: WeightId | undefined,
  scales: Float64Array,
  bias: Weight | undefined,
  weights: Map<WeightId, Weight>,
): Record<string, WeightId> {
  const prefix = `${kernelId}:scales`;
  const shape = [scales.length];
  const constant = (value: number): Weight => {
    const encoding: AffineEncoding = {
      kind: 'affine',
      bits: 8,
      symmetric: false,
      axis: null,
      scale: Float64Array.of(1),
      min: Float64Array.of(value),
      codes: new Uint8Array(scales.length),
    };
    return { shape, values: decode(encoding, shape), encoding };
  };
  weights.set(`${prefix}/gamma`, { shape, values: Float32Array.from(scales), encoding: float32 });
  weights.set(`${prefix}/moving_mean`, constant(0));
  weights.set(`${prefix}/moving_variance`, constant(1));
  return {
    gamma: `${prefix}/gamma`,
    ...(bias && biasId !== undefined ? { beta: biasId } : {}),
    moving_mean: `${prefix}/moving_mean`,
    moving_variance: `${prefix}/moving_variance`,
  };
}

function divideBias(model: Model, node: Node, kernel: ScaledKernel, weights: Map<WeightId, Weight>): Node {
  const kernelId = node.weights[kernel.role] ?? '';
  const ids: Record<string, WeightId> = { ...node.weights, [kernel.role]: `${kernelId}:codes` };
  weights.set(`${kernelId}:codes`, kernel.codes);
  const bias = node.weights.bias === undefined ? undefined : model.weights.get(node.weights.bias);
  if (bias && node.weights.bias !== undefined) {
    ids.bias = `${node.weights.bias}:scaled`;
    weights.set(
      ids.bias,
      scaledVector(bias, (value, c) => value / (kernel.scales[c] ?? 1)),
    );
  }
  return { ...node, weights: ids };
}

function absorbScales(model: Model, normalization: Node, scales: Float64Array, weights: Map<WeightId, Weight>): Node {
  const { gamma, moving_mean: mean } = normalization.weights;
  const meanWeight = mean === undefined ? undefined : model.weights.get(mean);
  const gammaWeight = gamma === undefined ? undefined : model.weights.get(gamma);
  const ones: Weight = { shape: [scales.length], values: new Float32Array(scales.length).fill(1), encoding: float32 };
  const gammaId = `${gamma ?? `${normalization.name}/gamma`}:scaled`;
  const meanId = `${mean ?? `${normalization.name}/moving_mean`}:scaled`;
  weights.set(
    gammaId,
    scaledVector(gammaWeight ?? ones, (value, c) => value * (scales[c] ?? 1)),
  );
  if (meanWeight)
    weights.set(
      meanId,
      scaledVector(meanWeight, (value, c) => value / (scales[c] ?? 1)),
    );
  const changes: { readonly [key: string]: Json } = { scale: true };
  const { gamma: _, ...others } = normalization.weights;
  return {
    ...normalization,
    attrs: reconfigured(normalization, changes),
    weights: { gamma: gammaId, ...others, ...(meanWeight ? { moving_mean: meanId } : {}) },
  };
}

function scaledVector(weight: Weight, change: (value: number, channel: number) => number): Weight {
  return { shape: weight.shape, values: weight.values.map(change), encoding: float32 };
}
