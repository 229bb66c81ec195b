/**
 * Ranges of activations while a model trains. They begin where the model's own grids lie, and then
 *
 *   fixed     stay
 *   ema       follow what is seen, a ← 0.99 a + 0.01 x, for the first half of the steps; from then on the weights settle into them
 *   learned   have a step s with a gradient of its own (LSQ, Esser et al. 2020; LSQ+, Bhalgat et al. 2020, with the zero point kept):
 *             with v = x / s, Qn = z + 128 and Qp = 127 − z,
 *             ∂x̂/∂s = ⌊v⌉ − v inside of (−Qn, Qp), −Qn below, Qp above;   scaled by 1 / √(N Qp)
 *
 * Inputs and ranges that an operator fixes never move. Values that must share a grid have one range.
 */
import { type ActivationGrid, type GridSteps, gridOfSteps, stepsOf } from '../model/activation-grid.ts';
import { activationGroups } from '../model/activation-groups.ts';
import type { Model, ValueId, WeightId } from '../model/model.ts';
import type { Parameter } from './optimizer.ts';
import type { TrainableWeight } from './weight.ts';

export type RangeMode = 'fixed' | 'ema' | 'learned';

/** Where the range of a value is now. */
export interface RangeInTraining {
  /** The steps of the grid. */
  steps(): GridSteps;
  /** The id of the learned step among the tensors that are trained; undefined where none is. */
  readonly learned: WeightId | undefined;
  /** Whether the range follows what is seen. */
  follows(): boolean;
  see(min: number, max: number): void;
}

export interface ActivationRanges {
  /** The range of a value; undefined where it is float. */
  of(value: ValueId): RangeInTraining | undefined;
  /** Learned steps, to be trained with the weights. */
  readonly trained: ReadonlyMap<WeightId, TrainableWeight>;
  /** Says how much of the training is done, 0–1. */
  progress(done: number): void;
  /** The grids as they are stored. */
  grids(): Map<ValueId, ActivationGrid>;
}

const inertia = 0.99;
/** Share of the steps after which ranges stay. */
const settled = 0.5;

/** The ranges of a model's values. `sizes` tells the elements of a value in one sample. */
export function createRanges(model: Model, mode: RangeMode, sizes: (value: ValueId) => number): ActivationRanges {
  const { activations } = model;
  const inputs = new Set(model.inputs.map(({ value }) => value));
  const byValue = new Map<ValueId, RangeInTraining & { readonly grid: () => ActivationGrid }>();
  const trained = new Map<WeightId, TrainableWeight>();
  let following = mode === 'ema';
  for (const { values, fixed } of activations === undefined ? [] : activationGroups(model)) {
    const [first = ''] = values;
    const [start] = values.flatMap((value) => activations?.get(value) ?? []);
    if (start === undefined) continue;
    const moves = fixed === null && !inputs.has(first);
    const learns = moves && mode === 'learned' && start.bits === 8;
    const range = learns ? learnedRange(start, `range:${first}`, sizes(first)) : seenRange(start, () => moves && following);
    if ('weight' in range) trained.set(range.learned, range.weight);
    for (const value of values) byValue.set(value, range);
  }
  return {
    of: (value) => byValue.get(value),
    trained,
    progress(done) {
      following = mode === 'ema' && done < settled;
    },
    grids: () => {
      const grids = new Map([...new Set(byValue.values())].map((range) => [range, range.grid()]));
      return new Map([...byValue].map(([value, range]) => [value, grids.get(range) as ActivationGrid]));
    },
  };
}

/** A range that follows what is seen while it may. */
function seenRange(start: ActivationGrid, follows: () => boolean) {
  let grid = start;
  return {
    learned: undefined,
    follows,
    grid: () => grid,
    steps: () => stepsOf(grid),
    see(min: number, max: number): void {
      if (!Number.isFinite(min) || !Number.isFinite(max)) return;
      const towards = (before: number, now: number) => inertia * before + (1 - inertia) * now;
      grid = { ...grid, min: Math.min(towards(grid.min, min), 0), max: Math.max(towards(grid.max, max), 0) };
    },
  };
}

/** A range whose step is a trained tensor of one number. */
function learnedRange(start: ActivationGrid, learned: WeightId, size: number) {
  const begun = stepsOf(start);
  const { zeroPoint, high, low } = begun;
  const step: Parameter = { values: Float32Array.of(begun.scale), decays: false, paces: Float32Array.of(begun.scale) };
  const least = begun.scale / 100;
  const lesson = 1 / Math.sqrt(size * Math.max(high - zeroPoint, zeroPoint - low));
  const scale = (): number => {
    step.values[0] = Math.max(step.values[0] as number, least);
    return step.values[0];
  };
  const weight: TrainableWeight = {
    shape: [1],
    parameters: [step],
    mask: undefined,
    get latent() {
      return step.values;
    },
    values: () => Float32Array.of(scale()),
    gradients: ([slope = 0]) => [Float32Array.of(slope * lesson)],
    encode: () => ({ shape: [1], values: Float32Array.of(scale()), encoding: { kind: 'float32' } }),
  };
  return {
    learned,
    weight,
    follows: () => false,
    see: () => {},
    grid: () => gridOfSteps(scale(), zeroPoint),
    steps: () => ({ ...begun, scale: scale() }),
  };
}
