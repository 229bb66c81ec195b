/**
 * One step of the recurrent layers, as Keras defines them. W is the kernel, U the recurrent kernel; gates stand side by side in their
 * columns, in the order below; σ is the gate activation, φ the cell activation, ∘ the product of elements.
 *
 *   SimpleRNN   h' = φ(xW + b + hU)
 *   LSTM        i, f, o = σ(…), g = φ(…) of xW + b + hU;   c' = f ∘ c + i ∘ g;   h' = o ∘ φ(c')      (Hochreiter & Schmidhuber 1997)
 *   GRU         z, r = σ(xW + b + hU);   h' = z ∘ h + (1 − z) ∘ ĥ                                    (Cho et al. 2014)
 *               ĥ = φ(xW + b + (r ∘ h)U), or with reset_after φ(xW + b + r ∘ (hU + d)) where d is the bias's second row
 */
import * as tf from '@tensorflow/tfjs-core';
import { type ActivationName, applyActivation } from './activations.ts';
import { tensorOf } from './define.ts';
import { gruStep, lstmStep } from './recurrent-step.ts';

export type CellKind = 'LSTM' | 'GRU' | 'SimpleRNN';

/** What a step depends on besides its tensors. */
export interface CellSettings {
  readonly units: number;
  readonly cellActivation: ActivationName;
  readonly gateActivation: ActivationName;
  readonly resetAfter: boolean;
}

export type CellWeights = Readonly<Record<string, tf.Tensor | undefined>>;

interface Cell {
  /** Blocks of columns in the kernels, in the order in which they stand there. */
  readonly gates: readonly string[];
  /** Tensors [batch, units] that are carried from step to step, the output first. */
  readonly states: number;
  /** The next states, from xW + b. */
  step(projected: tf.Tensor2D, states: readonly tf.Tensor2D[], weights: CellWeights, settings: CellSettings): tf.Tensor2D[];
}

const recurrentKernel = (weights: CellWeights): tf.Tensor2D => tensorOf(weights, 'recurrent_kernel') as tf.Tensor2D;
const columns = (x: tf.Tensor2D, from: number, count: number): tf.Tensor2D => tf.slice2d(x, [0, from], [x.shape[0], count]);
const activated = (x: tf.Tensor, name: ActivationName): tf.Tensor2D => applyActivation(x, name) as tf.Tensor2D;

const simpleRnn: Cell = {
  gates: ['h'],
  states: 1,
  step: (projected, [h], weights, { cellActivation }) => [
    activated(tf.add(projected, tf.matMul(h as tf.Tensor2D, recurrentKernel(weights))), cellActivation),
  ],
};

const lstm: Cell = {
  gates: ['i', 'f', 'c', 'o'],
  states: 2,
  step(projected, [h, c], weights, { cellActivation, gateActivation }) {
    const carried: tf.Tensor2D = tf.matMul(h as tf.Tensor2D, recurrentKernel(weights));
    const usual = cellActivation === 'tanh' && gateActivation === 'sigmoid';
    const fused = usual ? lstmStep(projected, carried, c as tf.Tensor2D) : undefined;
    if (fused !== undefined) return fused;
    const all = tf.add(projected, carried);
    const [input, forget, candidate, output] = tf.split(all, 4, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const kept = tf.mul(activated(forget, gateActivation), c as tf.Tensor2D);
    const next = tf.add(kept, tf.mul(activated(input, gateActivation), activated(candidate, cellActivation))) as tf.Tensor2D;
    return [tf.mul(activated(output, gateActivation), activated(next, cellActivation)), next];
  },
};

const gru: Cell = {
  gates: ['z', 'r', 'h'],
  states: 1,
  step(projected, states, weights, { units, cellActivation, gateActivation, resetAfter }) {
    const h = states[0] as tf.Tensor2D;
    const recurrent = recurrentKernel(weights);
    const width = resetAfter ? 3 * units : 2 * units;
    const made = tf.matMul(h, resetAfter ? recurrent : columns(recurrent, 0, width));
    const { bias } = weights;
    const carried = resetAfter && bias !== undefined ? tf.add(made, tf.slice(bias, [1, 0], [1, width])) : made;
    const usual = resetAfter && cellActivation === 'tanh' && gateActivation === 'sigmoid';
    const fused = usual ? gruStep(projected, carried as tf.Tensor2D, h) : undefined;
    if (fused !== undefined) return fused;
    const gates = activated(
      tf.add(columns(projected, 0, 2 * units), columns(carried as tf.Tensor2D, 0, 2 * units)),
      gateActivation,
    );
    const [update, reset] = tf.split(gates, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const past = resetAfter
      ? tf.mul(reset, columns(carried as tf.Tensor2D, 2 * units, units))
      : tf.matMul(tf.mul(reset, h) as tf.Tensor2D, columns(recurrent, 2 * units, units));
    const candidate = activated(tf.add(columns(projected, 2 * units, units), past), cellActivation);
    return [tf.add(tf.mul(update, h), tf.mul(tf.sub(1, update), candidate))];
  },
};

export const cells: Readonly<Record<CellKind, Cell>> = { LSTM: lstm, GRU: gru, SimpleRNN: simpleRnn };
