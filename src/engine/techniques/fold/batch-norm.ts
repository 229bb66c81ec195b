/**
 * Folds BatchNormalization into the layer before it: y = γ(k∗x + b − μ)/√(σ² + ε) + β is a convolution again, with kernel k·f and bias
 * β + (b − μ)·f, f = γ/√(σ² + ε) per output channel. Computed in double, so exact to one rounding. Folded where the normalization
 * follows a linear Dense or convolution directly, normalizes its channels, and nothing else reads what lies between.
 */
import * as v from 'valibot';
import { withActivations } from '../../model/activation-grid.ts';
import { float32 } from '../../model/encoding.ts';
import { type Model, type Node, type Weight, type WeightId, weightOf } from '../../model/model.ts';
import { defineTechnique, type StepNote, type Target } from '../../technique.ts';
import { requireFinite, visitTargets } from '../walk.ts';

const params = v.strictObject({});

/** The kernel whose last axes are the output channels, by op. */
const kernelRoles: Readonly<Record<string, string>> = {
  Dense: 'kernel',
  Conv1D: 'kernel',
  Conv2D: 'kernel',
  GroupedConv1D: 'kernel',
  GroupedConv2D: 'kernel',
  DepthwiseConv1D: 'depthwise_kernel',
  SeparableConv1D: 'pointwise_kernel',
  DepthwiseConv2D: 'depthwise_kernel',
  SeparableConv2D: 'pointwise_kernel',
};

interface Fold {
  readonly producer: Node;
  readonly norm: Node;
  readonly kernel: WeightId;
  readonly bias: WeightId;
}

/** The fold of a normalization whose input has `rank` dimensions with the batch, or why there is none. */
function foldOf(model: Model, norm: Node, rank: number): Fold | string {
  const input = norm.inputs[0] ?? '';
  const producer = model.nodes.find((node) => node.outputs.includes(input));
  const role = producer && kernelRoles[producer.op];
  if (producer === undefined || role === undefined) {
    return `it does not follow a Dense or convolution layer directly but ${producer === undefined ? 'the input' : `a ${producer.op}`}`;
  }
  if (producer.attrs.activation !== 'linear')
    return `"${producer.name}" before it has an activation (${producer.attrs.activation})`;
  const readers = model.nodes.filter((node) => node.inputs.includes(input));
  if (readers.length > 1 || model.outputs.includes(input)) return `the output of "${producer.name}" is also used elsewhere`;
  if (norm.attrs.axis !== -1 && norm.attrs.axis !== rank - 1) return 'it does not normalize the channels of its input';
  const kernel = producer.weights[role] ?? '';
  const others = model.nodes.filter((node) => node !== producer && Object.values(node.weights).includes(kernel));
  if (others.length > 0) return `"${producer.name}" shares its kernel with "${others[0]?.name}"`;
  const encoding = model.weights.get(kernel)?.encoding.kind;
  if (encoding !== 'float32') return `the kernel of "${producer.name}" is stored as ${encoding}, which folding would undo`;
  const variance = weightOf(model, norm, 'moving_variance');
  if (variance?.values.some((value) => value + epsilonOf(norm) <= 0)) return 'its variance plus epsilon is not positive';
  return { producer, norm, kernel, bias: producer.weights.bias ?? freeName(model, `${producer.name}/bias`) };
}

function epsilonOf(norm: Node): number {
  return Number(norm.attrs.epsilon);
}

function freeName(model: Model, wanted: string): WeightId {
  return model.weights.has(wanted) ? freeName(model, `${wanted}_folded`) : wanted;
}

/** The graph without the normalization, the layer before it with a bias and with the normalization's outputs. */
function rewire(model: Model, { producer, norm, kernel, bias }: Fold, changed: { kernel: Weight; bias: Weight }): Model {
  const merged: Node = {
    ...producer,
    attrs: { ...producer.attrs, useBias: true },
    outputs: norm.outputs,
    weights: { ...producer.weights, bias },
  };
  const nodes = model.nodes.filter((node) => node !== norm).map((node) => (node === producer ? merged : node));
  const used = new Set(nodes.flatMap((node) => Object.values(node.weights)));
  const weights = new Map([...model.weights].filter(([id]) => used.has(id)));
  weights.set(kernel, changed.kernel).set(bias, changed.bias);
  const grids = new Map(model.activations);
  for (const id of producer.outputs) grids.delete(id);
  return withActivations({ ...model, nodes, weights }, grids);
}

function stored(model: Model, id: WeightId): Weight {
  const weight = model.weights.get(id);
  if (weight === undefined) throw new Error(`The model has no tensor "${id}".`);
  return weight;
}

/** What a normalization does to a channel: y = factor · x + shift, for the x before a bias that is added already. */
export interface Normalization {
  /** One per channel. */
  readonly factors: Float64Array;
  /** The bias behind it, given the bias before. */
  shift(bias?: Float32Array): Float32Array;
}

/** Factors and shift of a BatchNormalization with its moving averages. */
export function normalizationOf(model: Model, norm: Node): Normalization {
  const values = (role: string) => weightOf(model, norm, role)?.values;
  const variance = values('moving_variance') ?? new Float32Array();
  const gamma = values('gamma');
  const factors = Float64Array.from(variance, (value, c) => (gamma?.[c] ?? 1) / Math.sqrt(value + epsilonOf(norm)));
  const mean = values('moving_mean');
  const beta = values('beta');
  return {
    factors,
    shift: (before) =>
      Float32Array.from(factors, (factor, c) => (beta?.[c] ?? 0) + ((before?.[c] ?? 0) - (mean?.[c] ?? 0)) * factor),
  };
}

/** Kernel and bias with the normalization in them. */
function folded(model: Model, { producer, norm, kernel }: Fold): { kernel: Weight; bias: Weight } {
  const old = stored(model, kernel);
  requireFinite({ id: kernel, node: producer, weight: old });
  const { factors, shift } = normalizationOf(model, norm);
  const channels = factors.length;
  // The last axes count output channels (a depthwise kernel's are channel and multiplier), so channels cycle along memory.
  const scaled = old.values.map((value, i) => value * (factors[i % channels] as number) + 0);
  return {
    kernel: { ...old, values: scaled },
    bias: { shape: [channels], values: shift(weightOf(model, producer, 'bias')?.values), encoding: float32 },
  };
}

/** The first target of each normalization. */
function normsOf<P>(targets: readonly Target<P>[]): Target<P>[] {
  return targets.filter((target, i) => targets.findIndex(({ node }) => node.name === target.node.name) === i);
}

function foldOne(model: Model, { node: { name }, inputs }: Target<unknown>): { model: Model; note: StepNote } {
  const norm = model.nodes.find((node) => node.name === name);
  const fold = norm === undefined ? 'it is not there' : foldOf(model, norm, (inputs[0]?.length ?? 0) + 1);
  if (typeof fold === 'string') return { model, note: { layer: name, code: 'not-folded', text: `It was not folded: ${fold}.` } };
  const text = `It now contains the normalization "${name}".`;
  return { model: rewire(model, fold, folded(model, fold)), note: { layer: fold.producer.name, code: 'folded', text } };
}

export const foldBatchNorm = defineTechnique<v.InferOutput<typeof params>>({
  id: 'fold/batch-norm',
  title: 'Fold batch normalization',
  summary: 'Merges each BatchNormalization into the layer before it: the same outputs, fewer layers and less work.',
  params,
  phase: 'structure',
  supports: (_slot, node) => node.op === 'BatchNormalization',
  estimate: (sketch) => sketch,
  restructure: (model, targets) => normsOf(targets).reduce((now, target) => foldOne(now, target).model, model),
  async apply(model, targets, context) {
    for (const target of targets) requireFinite(target);
    const notes: StepNote[] = [];
    let current = model;
    await visitTargets(this.id, normsOf(targets), context, (target) => {
      const result = foldOne(current, target);
      current = result.model;
      notes.push(result.note);
    });
    return { model: current, notes };
  },
});
