/**
 * Weights of a legacy Keras file: a group per outermost layer, called after it, whose attribute `weight_names` lists its tensors in
 * Keras' order (keras/src/legacy/saving/legacy_h5_format.py). A nested model is one group with all of its tensors.
 */
import type { Hdf5Group } from '../hdf5/index.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import {
  type Bindings,
  bindByName,
  bindByOrder,
  bindingProblem,
  type Holder,
  isCount,
  isSeedState,
  type StoredTensor,
} from './bind.ts';
import { storedTensor } from './h5-tensors.ts';
import { type StoredRanges, withoutState } from './toolkit-state.ts';
import type { ModelSpec } from './topology.ts';

/** A list attribute; h5py cuts those over 64 kB into `name0`, `name1` … */
function listAttribute(group: Hdf5Group, name: string): string[] | undefined {
  const whole = group.texts(name);
  if (whole !== undefined) return [...whole];
  const list: string[] = [];
  for (let chunk = 0; ; chunk++) {
    const part = group.texts(`${name}${chunk}`);
    if (part === undefined) return chunk === 0 ? undefined : list;
    list.push(...part);
  }
}

/** Pairs layers with the groups of a legacy file. Throws FORMAT_WEIGHT_*. */
export function bindLayerGroups(
  spec: ModelSpec,
  holders: readonly Holder[],
  root: Hdf5Group,
  notes: Notes,
  ranges: StoredRanges,
): Bindings {
  const names = listAttribute(root, 'layer_names') ?? root.names;
  const stored = new Map(names.map((name) => [name, tensorsOf(root, name, notes, ranges)]));
  const byLayer = new Map<string, Holder[]>();
  for (const holder of holders) {
    const outer = holder.chain[0] ?? '';
    byLayer.set(outer, [...(byLayer.get(outer) ?? []), holder]);
  }
  const groups = matchGroups(spec, byLayer, stored, notes);
  const bindings: Bindings = new Map();
  for (const [layer, own] of byLayer) {
    const tensors = groups.get(layer) ?? [];
    const bound = bindByOrder(own, tensors) ?? bindByName(own, tensors);
    if (bound === undefined) throw bindingProblem(own, tensors);
    if (own.length === 1 && tensors.some(({ name }) => !isScoped(name, layer))) notes.add('KERAS_WEIGHT_PATHS', layer);
    for (const [path, found] of bound) bindings.set(path, found);
  }
  return bindings;
}

/** True where a weight's name is bare (`kernel`) or has its layer's scope (`conv2d/kernel:0`). */
function isScoped(name: string, layer: string): boolean {
  return !name.includes('/') || name.startsWith(`${layer}/`);
}

/** Groups by layer name; where names differ (weights saved by another session), those with weights by their order, as Keras does. */
function matchGroups(
  spec: ModelSpec,
  byLayer: ReadonlyMap<string, readonly Holder[]>,
  stored: ReadonlyMap<string, readonly StoredTensor[]>,
  notes: Notes,
): ReadonlyMap<string, readonly StoredTensor[]> {
  const filled = [...stored].filter(([, tensors]) => tensors.length > 0);
  const unknown = filled.filter(([name]) => !byLayer.has(name));
  if (unknown.length === 0) return stored;
  const layers = spec.layers.map((layer) => layer.name).filter((name) => byLayer.has(name));
  if (layers.length !== filled.length) throw problems.weightUnused(unknown.map(([name]) => name));
  notes.add('KERAS_LAYER_ORDER');
  return new Map(layers.map((name, index) => [name, filled[index]?.[1] ?? []]));
}

function tensorsOf(root: Hdf5Group, layer: string, notes: Notes, ranges: StoredRanges): readonly StoredTensor[] {
  const group = root.get(layer);
  if (group?.kind !== 'group') return [];
  const tensors: StoredTensor[] = [];
  for (const name of listAttribute(group, 'weight_names') ?? []) {
    const dataset = group.get(name);
    if (dataset?.kind !== 'dataset') throw problems.weightMissing(layer, [name], group.names);
    if (isSeedState(name)) notes.add('KERAS_SEED_STATE', layer);
    else if (!isCount(name, dataset.shape)) tensors.push(storedTensor(name, dataset));
  }
  return withoutState(tensors, ranges, layer);
}
