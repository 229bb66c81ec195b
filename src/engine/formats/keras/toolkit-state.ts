/**
 * What wrappers of the TensorFlow Model Optimization toolkit (tfmot) store beside the tensors of the layer within: masks of what was
 * pruned (PruneLowMagnitude), centroids (ClusterWeights), and ranges of weights and of activations (QuantizeWrapper, QuantizeLayer).
 * Masks, centroids and ranges of weights become how the tensors are stored; ranges of activations are handed on by layer.
 */
import type { CodebookEncoding, Encoding } from '../../model/encoding.ts';
import { problems } from '../problems.ts';
import { lastPart, plainName, type StoredTensor } from './bind.ts';
import { fakeQuantized } from './fake-quant.ts';

/** A range of values, zero in it. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** By layer, then by place: `pre_activation`, `post_activation`, `output`, or the layer's own name where it only rounds. */
export type StoredRanges = Map<string, Map<string, Range>>;

/** A palette of more is none: every weight is compared with each. */
const mostCentroids = 1024;
const ofPruning = new Set(['mask', 'threshold', 'pruning_step']);
const ofClustering = /^(cluster_centroids|pulling_indices)_/;
const ofRanges = /_(min|max)$/;

/** True for a tensor that only a wrapper needs. */
const isStep = (name: string): boolean => lastPart(name) === 'optimizer_step';

/**
 * The layer's own tensors, with what the wrapper's state makes of them; `layer` is the wrapper's name, or undefined where the names of
 * the tensors tell it. Ranges of activations are added to `ranges`. Throws FORMAT_WEIGHT_MISSING or FORMAT_STRUCTURE.
 */
export function withoutState(tensors: readonly StoredTensor[], ranges: StoredRanges, layer?: string): readonly StoredTensor[] {
  return withRanges(withPalettes(withMasks(tensors)), ranges, layer);
}

/** Each mask goes to the first tensor of its shape that has none. */
function withMasks(tensors: readonly StoredTensor[]): readonly StoredTensor[] {
  if (!tensors.some(({ name }) => lastPart(name) === 'pruning_step')) return tensors;
  const own = tensors.filter(({ name }) => !ofPruning.has(lastPart(name)));
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

/** The last tensor called `role` before place `at`: state follows the tensors of its layer. */
function ownerOf(tensors: readonly StoredTensor[], role: string, at: number): StoredTensor {
  const owner = tensors.slice(0, at).findLast(({ name }) => lastPart(name) === role);
  if (owner === undefined) throw problems.weightMissing(plainName(tensors[at]?.name ?? ''), [role], []);
  return owner;
}

function withPalettes(tensors: readonly StoredTensor[]): readonly StoredTensor[] {
  const centroids = new Map<StoredTensor, StoredTensor>();
  for (const [at, tensor] of tensors.entries()) {
    const role = /^cluster_centroids_(.*)$/.exec(lastPart(tensor.name))?.[1];
    if (role !== undefined) centroids.set(ownerOf(tensors, role, at), tensor);
  }
  if (centroids.size === 0) return tensors;
  const own = tensors.filter(({ name }) => !ofClustering.test(lastPart(name)));
  return biasLast(own).map((tensor) => {
    const palette = centroids.get(tensor);
    return palette === undefined ? tensor : { ...tensor, load: () => ({ ...tensor.load(), ...clustered(tensor, palette) }) };
  });
}

/** The nearest centroid of each weight, the first of those equally near, as the wrapper takes it each time that it is called. */
function clustered(
  tensor: StoredTensor,
  palette: StoredTensor,
): { readonly values: Float32Array; readonly encoding: Encoding; readonly repair: 'KERAS_CLUSTERED' } {
  if (palette.shape.length !== 1) throw problems.structure(`"${plainName(palette.name)}"`, 'it has a palette for each channel');
  const stored = palette.load().values;
  if (stored.length > mostCentroids)
    throw problems.structure(`"${plainName(palette.name)}"`, `it has ${stored.length} centroids`);
  const weights = tensor.load().values;
  // Levels stand in ascending order, each once; of equal ones it does not matter which is meant.
  const levels = Float32Array.from(new Set(stored)).sort();
  const placeOf = new Map(Array.from(levels, (level, place) => [level, place]));
  const places = Array.from(stored, (level) => placeOf.get(level) ?? 0);
  const codes = new Uint16Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < stored.length; k++) {
      const distance = Math.abs(Math.fround((weights[i] as number) - (stored[k] as number)));
      if (distance < least) [nearest, least] = [k, distance];
    }
    codes[i] = places[nearest] as number;
  }
  const values = Float32Array.from(codes, (code) => levels[code] as number);
  const bits = Math.max(1, Math.ceil(Math.log2(levels.length)));
  if (bits > 8) return { values, encoding: { kind: 'float32' }, repair: 'KERAS_CLUSTERED' };
  const centroids = new Float32Array(2 ** bits).fill(levels.at(-1) ?? 0);
  centroids.set(levels);
  const encoding: CodebookEncoding = {
    ...{ kind: 'codebook', palette: 'k-means', bits, axis: null, groups: 1, centroids },
    codes: Uint8Array.from(codes),
  };
  return { values, encoding, repair: 'KERAS_CLUSTERED' };
}

/** Wrappers list what they quantize or cluster behind the layer's other tensors: a bias may stand before its kernel. */
function biasLast(tensors: readonly StoredTensor[]): StoredTensor[] {
  const isBias = ({ name }: StoredTensor): boolean => lastPart(name) === 'bias';
  return tensors.some(({ name }) => /kernel$/.test(lastPart(name)))
    ? [...tensors.filter((tensor) => !isBias(tensor)), ...tensors.filter(isBias)]
    : [...tensors];
}

function withRanges(tensors: readonly StoredTensor[], ranges: StoredRanges, layer: string | undefined): readonly StoredTensor[] {
  if (!tensors.some(({ name }) => isStep(name))) return tensors;
  const grids = new Map<StoredTensor, { min: StoredTensor; max: StoredTensor }>();
  for (const [at, min] of tensors.entries()) {
    const place = /^(.*)_min$/.exec(lastPart(min.name))?.[1];
    if (place === undefined) continue;
    const max = tensors.slice(at).find(({ name }) => lastPart(name) === `${place}_max`);
    if (max === undefined) throw problems.weightMissing(plainName(min.name), [`${place}_max`], []);
    if (place.endsWith('kernel')) grids.set(ownerOf(tensors, place, at), { min, max });
    else addRange(ranges, layer ?? scopeOf(min.name), place, min, max);
  }
  const own = tensors.filter(({ name }) => !isStep(name) && !ofRanges.test(lastPart(name)));
  const sorted = layer === undefined ? own : biasLast(own);
  return sorted.map((tensor) => {
    const grid = grids.get(tensor);
    return grid === undefined ? tensor : { ...tensor, load: () => ({ ...tensor.load(), ...onGrid(tensor, grid.min, grid.max) }) };
  });
}

const scopeOf = (name: string): string => plainName(name).split('/').at(-2) ?? '';

/** Kernels of the default scheme: 8 bits from −127 to 127, one range, or one for each index of the last axis. */
function onGrid(tensor: StoredTensor, min: StoredTensor, max: StoredTensor) {
  const [low, high] = [min.load().values, max.load().values];
  const last = tensor.shape.length - 1;
  if (low.length !== high.length || (min.shape.length > 0 && low.length !== tensor.shape[last]))
    throw problems.weightShape(plainName(tensor.name), 'range', min.shape, [tensor.shape[last] ?? 1]);
  low.forEach((value, channel) => {
    requireRange({ min: value, max: high[channel] as number }, plainName(tensor.name));
  });
  const axis = min.shape.length === 0 ? null : last;
  return {
    ...fakeQuantized(tensor.load().values, tensor.shape, { bits: 8, narrow: true, axis, min: low, max: high }),
    repair: 'KERAS_QUANTIZED' as const,
  };
}

function addRange(ranges: StoredRanges, layer: string, place: string, min: StoredTensor, max: StoredTensor): void {
  if (min.shape.length > 0 || max.shape.length > 0)
    throw problems.structure(`"${plainName(min.name)}"`, 'it is a range for each channel of a value');
  const range = { min: min.load().values[0] as number, max: max.load().values[0] as number };
  requireRange(range, plainName(min.name));
  const own = ranges.get(layer) ?? new Map<string, Range>();
  ranges.set(layer, own.set(place, range));
}

/** Throws FORMAT_STRUCTURE where a range is not finite or leaves zero out, which the toolkit never does. */
export function requireRange({ min, max }: Range, where: string): void {
  if (!(min <= 0 && max >= 0 && Number.isFinite(max - min)))
    throw problems.structure(`"${where}"`, `its range ${min} … ${max} does not hold zero`);
}
