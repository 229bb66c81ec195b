/**
 * Optimizers on plain arrays, so that their state can be kept beside a checkpoint and every backend takes the same steps. Where the arrays lie in
 * a backend's memory its kernel takes the step, bit for bit the same:
 *
 *   adam    m = β₁ m + (1 − β₁) g,  v = β₂ v + (1 − β₂) g²,  w −= α m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
 *   adamw   the same after w −= α λ w (Loshchilov & Hutter 2019)
 *   sgd     b = μ b + g + λ w,  w −= α b
 *
 * Kingma & Ba 2015, algorithm 1, with the ε = 1e-7 of Keras; μ = 0.9. The decay λ is for kernels alone.
 */
import { inPlace } from '../runtime/in-place.ts';

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-7;
const inertia = 0.9;

export const optimizers = ['adam', 'adamw', 'sgd'] as const;
export type OptimizerKind = (typeof optimizers)[number];

/** One array of numbers that training changes in place. */
export interface Parameter {
  /** Another array holds them while training lasts. */
  values: Float32Array;
  /** Whether weight decay pulls it to zero. */
  readonly decays: boolean;
  /** Factors of the learning rate under Adam, whose steps do not know how large a number is; 1 where absent. */
  readonly paces?: Float32Array;
}

/** Running averages of each parameter's gradient (of its square too, except for SGD), and the number of steps taken. */
export interface OptimizerState {
  readonly kind: OptimizerKind;
  step: number;
  readonly first: readonly Float32Array[];
  readonly second: readonly Float32Array[];
}

/** The state before the first step; `zeros` makes the arrays of its averages. */
export function createOptimizer(
  kind: OptimizerKind,
  parameters: readonly Pick<Parameter, 'values'>[],
  zeros: (length: number) => Float32Array = (length) => new Float32Array(length),
): OptimizerState {
  const averages = () => parameters.map(({ values }) => zeros(values.length));
  return { kind, step: 0, first: averages(), second: kind === 'sgd' ? [] : averages() };
}

/** Takes a state back to before the first step. */
export function forget(state: OptimizerState): void {
  state.step = 0;
  for (const average of [...state.first, ...state.second]) average.fill(0);
}

/** One step along the gradients; changes the parameters and the state in place. */
export function optimizerStep(
  state: OptimizerState,
  parameters: readonly Parameter[],
  gradients: readonly Float32Array[],
  learningRate: number,
  weightDecay = 0,
): void {
  state.step++;
  if (stepInPlace(state, parameters, gradients, learningRate, weightDecay)) return;
  parameters.forEach((parameter, which) => {
    const gradient = gradients[which] as Float32Array;
    const decay = parameter.decays ? weightDecay : 0;
    const first = state.first[which] as Float32Array;
    if (state.kind === 'adamw' && decay > 0) shrink(parameter.values, 1 - learningRate * decay);
    if (state.kind === 'sgd') momentumStep(parameter.values, gradient, first, learningRate, decay);
    else adamStep(parameter, gradient, first, state.second[which] as Float32Array, learningRate, state.step);
  });
}

/** The same by the backend's kernel; false where it does not reach the arrays. */
function stepInPlace(
  { kind, step, first, second }: OptimizerState,
  parameters: readonly Parameter[],
  gradients: readonly Float32Array[],
  learningRate: number,
  weightDecay: number,
): boolean {
  const { rate, floor } = stepFactors(kind, learningRate, step);
  const arrays = parameters.map(({ values, decays, paces }, which) => {
    const decay = decays ? weightDecay : 0;
    return {
      values,
      gradient: gradients[which] as Float32Array,
      first: first[which] as Float32Array,
      ...(kind === 'sgd' ? {} : { second: second[which] as Float32Array, ...(paces && { paces }) }),
      decay: kind === 'sgd' ? decay : kind === 'adamw' ? 1 - learningRate * decay : 1,
    };
  });
  return inPlace()?.step(kind === 'sgd' ? 'momentum' : 'adam', rate, floor, arrays) ?? false;
}

function shrink(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor;
}

function momentumStep(
  values: Float32Array,
  gradient: Float32Array,
  buffer: Float32Array,
  learningRate: number,
  decay: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const moved = inertia * (buffer[i] as number) + (gradient[i] as number) + decay * value;
    buffer[i] = moved;
    values[i] = value - learningRate * moved;
  }
}

/** What a step multiplies its average with, and what Adam adds to the root of the second: the corrections of both averages taken together. */
export function stepFactors(
  kind: OptimizerKind,
  learningRate: number,
  step: number,
): { readonly rate: number; readonly floor: number } {
  if (kind === 'sgd') return { rate: learningRate, floor: 0 };
  // Rounded at once, because powers differ in their last bits from one engine to the next.
  const correction = Math.sqrt(Math.fround(1 - beta2 ** step));
  return { rate: (learningRate * correction) / Math.fround(1 - beta1 ** step), floor: epsilon * correction };
}

function adamStep(
  { values, paces }: Parameter,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  learningRate: number,
  step: number,
): void {
  const { rate, floor } = stepFactors('adam', learningRate, step);
  for (let i = 0; i < values.length; i++) {
    const slope = gradient[i] as number;
    const m = beta1 * (first[i] as number) + (1 - beta1) * slope;
    const v = beta2 * (second[i] as number) + (1 - beta2) * slope * slope;
    first[i] = m;
    second[i] = v;
    const move = (rate * m) / (Math.sqrt(v) + floor);
    values[i] = (values[i] as number) - (paces === undefined ? move : move * (paces[i] as number));
  }
}
