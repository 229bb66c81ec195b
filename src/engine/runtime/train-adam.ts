/**
 * Adam (Kingma & Ba 2015, algorithm 1) on plain arrays, so that its state can be kept beside a checkpoint:
 *
 *   m = β₁ m + (1 − β₁) g     v = β₂ v + (1 − β₂) g²     w −= α · m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
 */
const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-7;

/** Both moments of each parameter's gradient, and the number of steps taken. */
export interface AdamState {
  step: number;
  readonly first: readonly Float32Array[];
  readonly second: readonly Float32Array[];
}

/** The state before the first step. */
export function createAdam(parameters: readonly Float32Array[]): AdamState {
  const zeros = () => parameters.map((values) => new Float32Array(values.length));
  return { step: 0, first: zeros(), second: zeros() };
}

/** One step along the gradients; changes the parameters and the state in place. */
export function adamStep(
  state: AdamState,
  parameters: readonly Float32Array[],
  gradients: readonly Float32Array[],
  learningRate: number,
): void {
  state.step++;
  const correction = Math.sqrt(1 - beta2 ** state.step);
  const rate = (learningRate * correction) / (1 - beta1 ** state.step);
  const floor = epsilon * correction;
  parameters.forEach((values, which) => {
    const gradient = gradients[which] as Float32Array;
    const first = state.first[which] as Float32Array;
    const second = state.second[which] as Float32Array;
    for (let i = 0; i < values.length; i++) {
      const slope = gradient[i] as number;
      const m = beta1 * (first[i] as number) + (1 - beta1) * slope;
      const v = beta2 * (second[i] as number) + (1 - beta2) * slope * slope;
      first[i] = m;
      second[i] = v;
      values[i] = (values[i] as number) - (rate * m) / (Math.sqrt(v) + floor);
    }
  });
}
