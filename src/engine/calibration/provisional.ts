/** Grids of the right form whose ranges mean nothing: what an int8 file weighs and can't hold does not depend on where its ranges end. */
import type { ActivationGrid } from '../model/activation-grid.ts';
import { activationGroups, fixedGrid } from '../model/activation-groups.ts';
import type { Model, ValueId } from '../model/model.ts';

/** The model's own grids, and provisional ones for all other values that a calibration would give one. */
export function provisionalGrids(model: Model, bits: 8 | 16): ReadonlyMap<ValueId, ActivationGrid> {
  const grids = new Map(model.activations);
  for (const { fixed, values } of activationGroups(model)) {
    const grid = fixed === null ? ({ min: -1.5, max: 2, bits } as const) : fixedGrid(fixed, bits);
    for (const value of values) if (!grids.has(value)) grids.set(value, grid);
  }
  return grids;
}
