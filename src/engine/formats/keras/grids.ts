/** Ranges that wrappers keep of a model's values, as grids on the values of its layers. */
import { type ActivationGrid, withActivations } from '../../model/activation-grid.ts';
import { inheritGrids } from '../../model/activation-groups.ts';
import type { Model, ValueId } from '../../model/model.ts';
import { insideValue, staged } from '../../model/stages.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import type { RoundedValue } from './flatten.ts';
import type { StoredRanges } from './toolkit-state.ts';

const places: ReadonlySet<string> = new Set(['pre_activation', 'post_activation', 'output']);

/** The model with a grid on each value that has a range. Throws FORMAT_STRUCTURE where a range belongs to no value. */
export function withGrids(model: Model, rounded: readonly RoundedValue[], ranges: StoredRanges, notes: Notes): Model {
  const grids = new Map<ValueId, ActivationGrid>();
  const layers = new Set(rounded.map(({ layer }) => layer));
  for (const layer of ranges.keys()) if (!layers.has(layer)) throw problems.weightUnused([`${layer}: ranges`]);
  for (const { layer, value, range } of rounded) {
    const own = range === undefined ? [...(ranges.get(layer) ?? [])] : [['output', range] as const];
    for (const [place, { min, max }] of own) {
      if (!places.has(place) && place !== layer) throw problems.weightUnused([`${layer}: ${place}_min`]);
      const id = place === 'pre_activation' ? before(model, value) : value;
      if (grids.has(id)) throw problems.structure(`Layer "${layer}"`, 'its output has two ranges');
      if (min === max) throw problems.structure(`Layer "${layer}"`, `its range ${min} … ${max} has no extent`);
      grids.set(id, { min, max, bits: 8 });
      notes.add('KERAS_QUANTIZED', layer);
    }
  }
  if (grids.size === 0) return model;
  const values = new Set([...model.inputs.map(({ value }) => value), ...staged(model).nodes.flatMap((node) => node.outputs)]);
  for (const id of grids.keys())
    if (!values.has(id)) throw problems.structure(`The value "${id}"`, 'its range is of no layer here');
  inheritGrids(model.nodes, grids);
  return withActivations(model, grids);
}

/** The value that a layer's activation is given. */
function before(model: Model, value: ValueId): ValueId {
  const node = model.nodes.find(({ outputs }) => outputs.includes(value));
  return node === undefined ? value : insideValue(node, 'linear');
}
