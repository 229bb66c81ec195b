/**
 * A model as a differentiable function of its weights: every op's own forward pass in training mode, up to what the loss works on.
 * A softmax or sigmoid at the end is left out, because the loss takes it together with the logarithm, which is exact where a probability
 * rounds to zero. Layers that do not lead to the answer are left out too.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../errors.ts';
import type { Rng } from '../math/rng.ts';
import { movesValues, sharesGrid } from '../model/activation-groups.ts';
import type { Model, Node, ValueId, WeightId } from '../model/model.ts';
import { opOf } from '../model/ops/index.ts';
import { staged } from '../model/stages.ts';
import { answerOutput } from '../model/topology.ts';
import { fakeQuantizeTensor } from '../runtime/fake-quantize.ts';
import type { ActivationRanges, RangeInTraining } from './activation-ranges.ts';
import { normalizeBatch, type Rectifier } from './batch-norm.ts';
import { fakeQuantizeOnTape } from './fake-quantize.ts';
import { biasedLayer } from './layers.ts';
import { spatialLayer, withoutGradient } from './spatial.ts';

export type WeightTensors = ReadonlyMap<WeightId, tf.Tensor>;
/** Called once per batch normalization and batch, with tensors that die with the forward pass. */
export type OnStatistics = (node: Node, mean: tf.Tensor, variance: tf.Tensor) => void;

/** What the answer of a model is made of. */
export interface Headless {
  /** The model up to the numbers that the loss works on, its only output. */
  readonly graph: Model;
  /** What was left out behind them; `linear` where nothing was. */
  readonly activation: 'softmax' | 'sigmoid' | 'linear';
}

const isStatistic = (role: string): boolean => role === 'moving_mean' || role === 'moving_variance';

/** The weights that gradients change, in the order of the model; moving averages are not among them. */
export function trainableWeights(model: Model): WeightId[] {
  const ids = model.nodes.flatMap((node) =>
    Object.entries(node.weights).flatMap(([role, id]) => (isStatistic(role) ? [] : [id])),
  );
  return [...new Set(ids)];
}

/** Says why a model can not be trained. */
export function untrainable(detail: string): StudioError {
  return new StudioError({
    code: 'TRAIN_MODEL',
    title: 'This model can not be trained here.',
    detail,
    hint: 'Remove the steps that train from the recipe; all others work without training.',
  });
}

const endings: Readonly<Record<string, Headless['activation']>> = {
  softmax: 'softmax',
  log_softmax: 'softmax',
  sigmoid: 'sigmoid',
  linear: 'linear',
};

/** Splits the last activation off. Throws TRAIN_MODEL where the model has several inputs, or ends in what no loss is known for. */
export function headless(whole: Model): Headless {
  // Where values have grids, the one before the last activation has its own.
  const model = whole.activations === undefined ? whole : staged(whole);
  if (model.inputs.length !== 1) throw untrainable(`It has ${model.inputs.length} inputs; data fills one.`);
  const output = model.outputs[answerOutput(model)] ?? '';
  const last = model.nodes.find((node) => node.outputs.includes(output));
  if (last === undefined) throw untrainable('Its output is its input.');
  const alone = last.op === 'Softmax' || last.op === 'Activation';
  const word = last.op === 'Softmax' ? 'softmax' : ((last.attrs.activation as string | undefined) ?? 'linear');
  const activation = endings[word];
  if (activation === undefined) throw untrainable(`Its last layer "${last.name}" ends in ${word}; no loss is known for that.`);
  if (last.op === 'Softmax' && last.attrs.axis !== -1)
    throw untrainable(`The softmax "${last.name}" is not along the last axis.`);
  if (activation === 'linear') return { graph: leadingTo(model, output), activation };
  if (alone) return { graph: leadingTo(model, last.inputs[0] ?? ''), activation };
  const linear = { ...last, attrs: { ...last.attrs, activation: 'linear' } };
  const nodes = model.nodes.map((node) => (node === last ? linear : node));
  return { graph: leadingTo({ ...model, nodes }, output), activation };
}

/** The layers that a value rests on, with it as the only output. */
function leadingTo(model: Model, output: ValueId): Model {
  const needed = new Set([output]);
  const nodes = model.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((id) => needed.has(id))) return false;
    for (const id of node.inputs) needed.add(id);
    return true;
  });
  return { ...model, nodes: nodes.reverse(), outputs: [output] };
}

export interface ForwardOptions {
  /** Where a normalization's statistics are those of the batch; the others keep their moving averages. */
  readonly normalizesBatch: (node: Node) => boolean;
  readonly onStatistics: OnStatistics;
  /** What dropout and noise draw from. */
  readonly rng: Rng;
  /** The weights that gradients are wanted for. */
  readonly trained: ReadonlySet<WeightId>;
  /** Shown every layer's output, still on the tape. */
  readonly onValue?: (id: ValueId, value: tf.Tensor) => void;
  /** Grids that values are rounded to; absent where all are float. */
  readonly ranges?: ActivationRanges;
  /** Called for every value whose range follows it, with its least and largest number: tensors that die with the forward pass. */
  readonly onRange?: (range: RangeInTraining, min: tf.Tensor, max: tf.Tensor) => void;
}

/** A value on its grid. Where an operator only moved numbers of the same grid, there is nothing to do. */
function onGrid(node: Node, y: tf.Tensor, weights: WeightTensors, { ranges, onRange }: ForwardOptions): tf.Tensor {
  const range = ranges?.of(node.outputs[0] ?? '');
  if (range === undefined || (movesValues(node) && node.inputs.every((id) => ranges?.of(id) === range))) return y;
  if (range.follows() && !sharesGrid(node)) onRange?.(range, tf.min(y), tf.max(y));
  return fakeQuantizeOnTape(y, range.steps(), weights.get(range.learned ?? ''));
}

/** The rectifier that a layer is. */
function rectifierOf({ op, attrs }: Node): Rectifier | undefined {
  if (op === 'Activation') return attrs.activation === 'relu' || attrs.activation === 'relu6' ? attrs.activation : undefined;
  if (op !== 'ReLU' || attrs.negativeSlope !== 0 || attrs.threshold !== 0) return undefined;
  if (attrs.maxValue === null) return 'relu';
  return attrs.maxValue === 6 ? 'relu6' : undefined;
}

/** The rectifier behind a batch's normalization, which is one with it where nobody else looks at the value between them. */
function rectifierBehind(node: Node, model: Model, { normalizesBatch, onValue, ranges }: ForwardOptions): Node | undefined {
  if (node.op !== 'BatchNormalization' || onValue !== undefined || ranges !== undefined || !normalizesBatch(node))
    return undefined;
  const [between = ''] = node.outputs;
  const [reader, ...others] = model.nodes.filter(({ inputs }) => inputs.includes(between));
  const alone = others.length === 0 && !model.outputs.includes(between);
  return alone && reader !== undefined && rectifierOf(reader) !== undefined ? reader : undefined;
}

function normalize(
  node: Node,
  x: tf.Tensor,
  roles: Record<string, tf.Tensor | undefined>,
  options: ForwardOptions,
  rectifier: Rectifier | undefined,
): tf.Tensor {
  const axis = node.attrs.axis as number;
  const epsilon = node.attrs.epsilon as number;
  const { moving_mean: mean, moving_variance: variance } = roles;
  if (mean === undefined || variance === undefined) throw untrainable(`"${node.name}" has no statistics.`);
  if (axis !== -1 && axis !== x.rank - 1) throw untrainable(`"${node.name}" normalizes axis ${axis}, not the last.`);
  const gamma = roles.gamma ?? tf.ones(mean.shape);
  const beta = roles.beta ?? tf.zeros(mean.shape);
  if (options.normalizesBatch(node)) {
    const batch = normalizeBatch(x, gamma, beta, epsilon, rectifier);
    options.onStatistics(node, batch.mean, batch.variance);
    return batch.y;
  }
  const factor = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(x, factor), tf.sub(beta, tf.mul(mean, factor)));
}

/** One batch through a model with one input and one output, on the tape of the caller. */
export function forward(model: Model, x: tf.Tensor, weights: WeightTensors, options: ForwardOptions): tf.Tensor {
  const values = new Map<ValueId, tf.Tensor>();
  /** Values that gradients flow through: before the first trained layer there is nothing to learn. */
  const learns = new Set<ValueId>();
  const valueNamed = (id: ValueId | undefined): tf.Tensor => {
    const value = values.get(id ?? '');
    if (value === undefined) throw new Error(`The value "${id}" was never made.`);
    return value;
  };
  const given = options.ranges?.of(model.inputs[0]?.value ?? '');
  values.set(model.inputs[0]?.value ?? '', given === undefined ? x : fakeQuantizeTensor(x, given.steps()));
  for (const node of model.nodes) {
    // Made already, with the normalization before it.
    if (values.has(node.outputs[0] ?? '')) continue;
    const inputs = node.inputs.map(valueNamed);
    const rectifier = rectifierBehind(node, model, options);
    const roles = Object.fromEntries(Object.entries(node.weights).map(([role, id]) => [role, weights.get(id)]));
    const inner = node.inputs.some((id) => learns.has(id));
    const [output = ''] = (rectifier ?? node).outputs;
    if (inner || Object.values(node.weights).some((id) => options.trained.has(id))) {
      const reason = withoutGradient(node);
      if (reason !== undefined) throw untrainable(reason);
      learns.add(output);
    }
    const [first] = inputs;
    const y =
      node.op === 'BatchNormalization' && first !== undefined
        ? normalize(node, first, roles, options, rectifier && rectifierOf(rectifier))
        : (biasedLayer(node, inputs, roles, inner) ??
          spatialLayer(node, inputs) ??
          opOf(node.op).forward({ inputs, attrs: node.attrs, weights: roles, training: true, rng: options.rng }));
    const value = onGrid(node, y, weights, options);
    values.set(output, value);
    options.onValue?.(output, value);
  }
  return valueNamed(model.outputs[0]);
}
