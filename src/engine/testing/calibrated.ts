/** Models of tests with grids: activations by the least and largest number that some samples make, kernels on 8 bits per channel. */
import { type ActivationGrid, withActivations } from '../model/activation-grid.ts';
import { activationGroups, fixedGrid } from '../model/activation-groups.ts';
import type { Model, ValueId } from '../model/model.ts';
import { staged } from '../model/stages.ts';
import { createPredictor } from '../runtime/executor.ts';
import { slotsOf } from '../slots.ts';
import { onGrid } from './small-model.ts';

/** The model with a grid on every value that has one. */
export async function calibrated(model: Model, inputs: readonly Float32Array[], count: number, bits: 8 | 16 = 8): Promise<Model> {
  const seen = new Map<ValueId, Float32Array>(model.inputs.map(({ value }, i) => [value, inputs[i] ?? new Float32Array()]));
  const executor = await createPredictor(staged(model));
  await executor.observe(inputs, count, ({ outputs: [value = ''] }, values) => void seen.set(value, values));
  executor.dispose();
  const grids = new Map<ValueId, ActivationGrid>();
  for (const { values, fixed } of activationGroups(model)) {
    let [min, max] = [0, 0];
    for (const value of values) {
      for (const number of seen.get(value) ?? []) [min, max] = [Math.min(min, number), Math.max(max, number)];
    }
    for (const value of values) grids.set(value, fixed === null ? { min, max, bits } : fixedGrid(fixed, bits));
  }
  return withActivations(model, grids);
}

/** The model with its kernels on symmetric grids, one per output channel. */
export function kernelsOnGrid(model: Model, bits = 8): Model {
  return slotsOf(model).reduce(
    (now, { id, slot }) => (slot.kind === 'kernel' ? onGrid(now, id, { bits, axis: slot.channelAxis, symmetric: true }) : now),
    model,
  );
}
