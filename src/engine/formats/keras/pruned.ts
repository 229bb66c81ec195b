/**
 * Layers in PruneLowMagnitude of the TensorFlow Model Optimization toolkit (tfmot): the layer within, and beside its tensors a mask for
 * each pruned one, a threshold and a step. The mask is taken over, so that what was pruned stays pruned.
 */
import { field, isObject, type JsonObject } from '../json.ts';
import { lastPart, type StoredTensor } from './bind.ts';

/** The layer within a wrapper that only steers training; undefined for any other layer. */
export function wrappedLayer(className: string, config: JsonObject): JsonObject | undefined {
  const inner = field(config, 'layer');
  return className === 'PruneLowMagnitude' && isObject(inner) ? inner : undefined;
}

const state = new Set(['mask', 'threshold', 'pruning_step']);

/** The tensors without the state of pruning; where there is such, each mask goes to the first tensor of its shape that has none. */
export function withMasks(tensors: readonly StoredTensor[]): StoredTensor[] {
  if (!tensors.some(({ name }) => lastPart(name) === 'pruning_step')) return [...tensors];
  const own = tensors.filter(({ name }) => !state.has(lastPart(name)));
  const masks = new Map<StoredTensor, StoredTensor>();
  for (const mask of tensors.filter(({ name }) => lastPart(name) === 'mask')) {
    const owner = own.find((tensor) => !masks.has(tensor) && tensor.shape.join() === mask.shape.join());
    if (owner !== undefined) masks.set(owner, mask);
  }
  return own.map((tensor) => {
    const mask = masks.get(tensor);
    return mask === undefined ? tensor : { ...tensor, load: () => ({ ...tensor.load(), mask: flags(mask) }) };
  });
}

const flags = (mask: StoredTensor): Uint8Array => Uint8Array.from(mask.load().values, (value) => (value === 0 ? 0 : 1));
