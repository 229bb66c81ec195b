/**
 * LSTM, GRU and SimpleRNN: a cell (recurrent-cells.ts) is run along the first axis from a state of zeros. All steps are multiplied by the
 * kernel at once. A second input masks steps: where it is [steps, features], those that hold nothing but `maskValue`, as the Masking layer
 * has it; where it is [steps], those that are `maskValue`, as an Embedding has it. A masked step leaves the state as it was.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import type { ChannelFlow, KerasConfig, Op, ReadPlace, WeightSlot } from '../op.ts';
import { type ActivationName, activationProblem, readActivation, stockActivation } from './activations.ts';
import { kernelAxes, made, mixes } from './channel-flow.ts';
import { readFields } from './config.ts';
import { defineOp, knownSize, shapeMismatch, tensorOf } from './define.ts';
import { keptSteps } from './kept-steps.ts';
import { type CellKind, type CellWeights, cells } from './recurrent-cells.ts';

/** `cellActivation` is Keras' `activation`, `gateActivation` its `recurrent_activation`, `zeroMasked` its `zero_output_for_mask`. */
export type RecurrentAttrs = {
  readonly units: number;
  readonly cellActivation: ActivationName;
  readonly gateActivation: ActivationName;
  readonly resetAfter: boolean;
  readonly useBias: boolean;
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
  readonly zeroMasked: boolean;
  readonly maskValue: number;
};

/** Reads a recurrent layer's configuration; states between batches and dropout within the cell are left out (repairs.ts notes both). */
export function readRecurrent(cell: CellKind, config: KerasConfig, place: ReadPlace): RecurrentAttrs {
  const field = readFields(config, place);
  field.requireOnly(
    'time_major',
    false,
    'Its sequences lie time before batch.',
    'Rebuild the layer in Keras with `time_major=False`, copy the weights over and save again.',
  );
  const sigmoid: ActivationName = place.keras === 3 ? 'sigmoid' : 'hard_sigmoid';
  return {
    units: field.integer('units'),
    cellActivation: readActivation(field, 'activation', 'tanh'),
    gateActivation: cell === 'SimpleRNN' ? 'linear' : readActivation(field, 'recurrent_activation', sigmoid),
    // Files of Keras 2 say it, those from before there was a choice do not.
    resetAfter: cell === 'GRU' && field.flag('reset_after', place.keras === 3),
    useBias: field.flag('use_bias', true),
    returnSequences: field.flag('return_sequences', false),
    goBackwards: field.flag('go_backwards', false),
    zeroMasked: field.flag('zero_output_for_mask', false),
    maskValue: 0,
  };
}

/** The configuration for stock TF.js. */
export function writeRecurrent(cell: CellKind, attrs: RecurrentAttrs): KerasConfig {
  return {
    units: attrs.units,
    activation: stockActivation(attrs.cellActivation),
    ...(cell === 'SimpleRNN' ? {} : { recurrent_activation: stockActivation(attrs.gateActivation) }),
    ...(cell === 'LSTM' ? { unit_forget_bias: true } : {}),
    ...(cell === 'GRU' ? { reset_after: attrs.resetAfter } : {}),
    use_bias: attrs.useBias,
    // Stock TF.js would compute an orthogonal matrix first, only to replace it by what is stored.
    recurrent_initializer: { class_name: 'Zeros', config: {} },
    dropout: 0,
    recurrent_dropout: 0,
    return_sequences: attrs.returnSequences,
    return_state: false,
    go_backwards: attrs.goBackwards,
    stateful: false,
    unroll: false,
    ...(attrs.zeroMasked ? { zero_output_for_mask: true } : {}),
  };
}

/** Why stock TF.js computes something else. */
export function recurrentProblem(attrs: RecurrentAttrs, inputs: readonly Shape[]): string | undefined {
  if (attrs.resetAfter) return 'stock TF.js has no GRU with reset_after = True, which Keras makes by default';
  if (inputs.length > 1)
    return 'masked steps are computed here from the values before them, which a file for stock TF.js does not say';
  return activationProblem(attrs.cellActivation) ?? activationProblem(attrs.gateActivation);
}

/** The tensors of a cell, in Keras' order. `scope` is put before their roles. */
export function recurrentSlots(cell: CellKind, attrs: RecurrentAttrs, inputs: readonly Shape[], scope = ''): WeightSlot[] {
  const [features, width] = [knownSize(sequenceOf(inputs), 1), cells[cell].gates.length * attrs.units];
  const bias = attrs.resetAfter ? { shape: [2, width], channelAxis: 1 } : { shape: [width], channelAxis: 0 };
  return [
    { role: `${scope}kernel`, shape: [features, width], channelAxis: 1, kind: 'kernel' },
    { role: `${scope}recurrent_kernel`, shape: [attrs.units, width], channelAxis: 1, kind: 'kernel' },
    ...(attrs.useBias ? [{ role: `${scope}bias`, ...bias, kind: 'vector' } as const] : []),
  ];
}

function sequenceOf(inputs: readonly Shape[]): Shape {
  const [sequence, mask, ...others] = inputs;
  if (sequence?.length !== 2 || others.length > 0)
    throw shapeMismatch('It takes one sequence [steps, features] besides the batch; states can not be given to it.');
  if (mask !== undefined && (mask.length > 2 || mask[0] !== sequence[0]))
    throw shapeMismatch('What masks its steps has another number of them.');
  return sequence;
}

/** The shape of one direction's output. */
export function recurrentShape({ units, returnSequences }: RecurrentAttrs, inputs: readonly Shape[]): Shape {
  const [steps = null] = sequenceOf(inputs);
  knownSize(sequenceOf(inputs), 1);
  return returnSequences ? [steps, units] : [units];
}

/** Products of one direction: those of the input and of the state, at every step. */
export function recurrentMacs(cell: CellKind, { units }: RecurrentAttrs, inputs: readonly Shape[]): number {
  const [steps, features] = sequenceOf(inputs);
  return (steps ?? Number.NaN) * ((features ?? Number.NaN) + units) * cells[cell].gates.length * units;
}

/** What stands at each step of [batch, steps, width]. TF.js cannot unstack a single one with a gradient. */
function stepsOf(x: tf.Tensor): tf.Tensor2D[] {
  const [batch = 1, steps, width = 1] = x.shape;
  return steps === 1 ? [tf.reshape(x, [batch, width])] : (tf.unstack(x, 1) as tf.Tensor2D[]);
}

/** One direction over a batch of sequences [batch, steps, features]. Outputs of all steps stand in the order in which they are made. */
export function runRecurrent(
  cell: CellKind,
  attrs: RecurrentAttrs,
  inputs: readonly tf.Tensor[],
  weights: CellWeights,
): tf.Tensor {
  const [x, source] = inputs as [tf.Tensor3D, tf.Tensor | undefined];
  const [batch, steps, features] = x.shape;
  const kernel = tensorOf(weights, 'kernel') as tf.Tensor2D;
  const flat = projection(attrs, tf.reshape(x, [batch * steps, features]), kernel, weights.bias);
  const projected = stepsOf(tf.reshape(flat, [batch, steps, kernel.shape[1]]));
  const marks = source?.rank === 2 ? tf.expandDims(source, 2) : source;
  const kept = marks === undefined ? undefined : stepsOf(keptSteps(marks, attrs.maskValue));
  const order = [...projected.keys()];
  if (attrs.goBackwards) order.reverse();
  const { states: count, step } = cells[cell];
  let states = Array.from({ length: count }, () => tf.zeros<tf.Rank.R2>([batch, attrs.units]));
  const outputs: tf.Tensor2D[] = [];
  for (const at of order) {
    const next = step(projected[at] as tf.Tensor2D, states, weights, attrs);
    const keep = kept?.[at];
    const [made] = next as [tf.Tensor2D];
    states = keep === undefined ? next : next.map((value, i) => chosen(keep, value, states[i] as tf.Tensor2D));
    outputs.push(keep !== undefined && attrs.zeroMasked ? tf.mul(keep, made) : (states[0] as tf.Tensor2D));
  }
  return attrs.returnSequences ? tf.stack(outputs, 1) : (outputs.at(-1) as tf.Tensor);
}

/** xW + b for rows of x. The fused kernel takes a bias that was made as a vector, which a row of GRU's two is not. */
function projection({ resetAfter }: RecurrentAttrs, a: tf.Tensor2D, b: tf.Tensor2D, bias: tf.Tensor | undefined): tf.Tensor {
  if (!resetAfter) return tf.fused.matMul({ a, b, ...(bias === undefined ? {} : { bias }) });
  return bias === undefined ? tf.matMul(a, b) : tf.add(tf.matMul(a, b), tf.slice(bias, [0, 0], [1, b.shape[1]]));
}

/** `yes` where `keep` is 1, `no` where it is 0. */
const chosen = (keep: tf.Tensor, yes: tf.Tensor2D, no: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.mul(keep, yes), tf.mul(tf.sub(1, keep), no));

/** A unit is one column in the block of each gate, and one row of the recurrent kernel. */
function recurrentChannels(attrs: RecurrentAttrs, inputs: readonly Shape[]): ChannelFlow {
  const [reads, makes] = kernelAxes('kernel', 0);
  const axes = [
    ...(reads && makes ? [reads, makes] : []),
    { role: 'recurrent_kernel', axis: 0, counts: 'output', use: 'reads' },
    { role: 'recurrent_kernel', axis: 1, counts: 'output', use: 'makes' },
    { role: 'bias', axis: attrs.resetAfter ? 1 : 0, counts: 'output', use: 'passes' },
  ] as const;
  const mixing = [attrs.cellActivation, attrs.gateActivation].find(mixes);
  const flow = made(axes, mixing ?? 'linear', (units) => ({ ...attrs, units }));
  return inputs.length === 1 ? flow : { ...flow, keeps: [...(flow.keeps ?? []), { of: 1, reason: 'unknown' }] };
}

function recurrentOp(cell: CellKind): Op {
  return defineOp<RecurrentAttrs>({
    kind: cell,
    classes: [cell],
    read: (config, place) => readRecurrent(cell, config, place),
    write: (attrs) => ({ className: cell, config: writeRecurrent(cell, attrs) }),
    cannotWrite: recurrentProblem,
    slots: (attrs, inputs) => recurrentSlots(cell, attrs, inputs),
    shape: recurrentShape,
    macs: (attrs, inputs) => recurrentMacs(cell, attrs, inputs),
    channels: recurrentChannels,
    forward: ({ inputs, attrs, weights }) => runRecurrent(cell, attrs, inputs, weights),
  });
}

export const lstm = recurrentOp('LSTM');
export const gru = recurrentOp('GRU');
export const simpleRNN = recurrentOp('SimpleRNN');
