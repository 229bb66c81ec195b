/**
 * A Model as a differentiable function of its weights: every op's own forward pass in training mode, up to the logits.
 * The softmax of the output is left out, because the loss takes it together with the cross entropy, which is exact where
 * a probability rounds to zero. Batch normalization also reports its statistics, from which the moving averages are kept.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../errors.ts';
import type { Model, Node, ValueId, WeightId } from '../model/model.ts';
import { opOf } from '../model/ops/index.ts';
import { normalizeBatch } from './train-batch-norm.ts';

export type WeightTensors = ReadonlyMap<WeightId, tf.Tensor>;
/** Called once per batch normalization and batch, with tensors that die with the forward pass. */
export type OnStatistics = (node: Node, mean: tf.Tensor, variance: tf.Tensor) => void;

const isStatistic = (role: string): boolean => role === 'moving_mean' || role === 'moving_variance';

/** The weights that gradients change, in the order of the model; moving averages are not among them. */
export function trainableWeights(model: Model): WeightId[] {
  const ids = model.nodes.flatMap((node) =>
    Object.entries(node.weights).flatMap(([role, id]) => (isStatistic(role) ? [] : [id])),
  );
  return [...new Set(ids)];
}

function untrainable(detail: string): StudioError {
  return new StudioError({
    code: 'TRAIN_MODEL',
    title: 'This model cannot be trained here.',
    detail,
    hint: 'Training takes classifiers with one input and one output that ends in softmax.',
  });
}

/** The same model, its only output the logits. Throws TRAIN_MODEL where it is no classifier with one input. */
export function withoutSoftmax(model: Model): Model {
  const [output, ...others] = model.outputs;
  if (output === undefined || others.length > 0) throw untrainable(`It has ${model.outputs.length} outputs.`);
  if (model.inputs.length !== 1) throw untrainable(`It has ${model.inputs.length} inputs.`);
  const last = model.nodes.find((node) => node.outputs.includes(output));
  if (last === undefined) throw untrainable('Its output is its input.');
  const isSoftmax = last.op === 'Softmax' || (last.op === 'Activation' && last.attrs.activation === 'softmax');
  if (isSoftmax) return { ...model, nodes: model.nodes.filter((node) => node !== last), outputs: last.inputs };
  if (last.attrs.activation !== 'softmax') throw untrainable(`Its last layer "${last.name}" (${last.op}) is no softmax.`);
  const linear = { ...last, attrs: { ...last.attrs, activation: 'linear' } };
  return { ...model, nodes: model.nodes.map((node) => (node === last ? linear : node)) };
}

function forwardNode(node: Node, inputs: tf.Tensor[], weights: WeightTensors, onStatistics: OnStatistics): tf.Tensor {
  const roles = Object.fromEntries(Object.entries(node.weights).map(([role, id]) => [role, weights.get(id)]));
  const [x] = inputs;
  const axis = node.attrs.axis as number;
  if (node.op !== 'BatchNormalization' || x === undefined || roles.moving_mean === undefined) {
    return opOf(node.op).forward({ inputs, attrs: node.attrs, weights: roles, training: true });
  }
  if (axis !== -1 && axis !== x.rank - 1) throw untrainable(`"${node.name}" normalizes axis ${axis}, not the last.`);
  const { shape } = roles.moving_mean;
  const { y, mean, variance } = normalizeBatch(
    x,
    roles.gamma ?? tf.ones(shape),
    roles.beta ?? tf.zeros(shape),
    node.attrs.epsilon as number,
  );
  onStatistics(node, mean, variance);
  return y;
}

/** One batch through a model with one input and one output, on the tape of the caller. */
export function forward(model: Model, x: tf.Tensor, weights: WeightTensors, onStatistics: OnStatistics): tf.Tensor {
  const values = new Map<ValueId, tf.Tensor>();
  const valueNamed = (id: ValueId | undefined): tf.Tensor => {
    const value = values.get(id ?? '');
    if (value === undefined) throw new Error(`The value "${id}" was never made.`);
    return value;
  };
  values.set(model.inputs[0]?.value ?? '', x);
  for (const node of model.nodes) {
    values.set(node.outputs[0] ?? '', forwardNode(node, node.inputs.map(valueNamed), weights, onStatistics));
  }
  return valueNamed(model.outputs[0]);
}
