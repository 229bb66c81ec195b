/**
 * Wrappers around layers that quantize, cluster or prune: of the TensorFlow Model Optimization toolkit (tfmot 0.5 to 0.8: PruneLowMagnitude,
 * ClusterWeights, QuantizeAnnotate, QuantizeWrapper and V2, QuantizeLayer) and of Sony's Model Compression Toolkit (mct_quantizers:
 * KerasQuantizationWrapper, KerasActivationQuantizationHolder). Each is read as the layer within, what it does to tensors and
 * values as encodings and ranges. What tfmot stores stands in the weight file (toolkit-state.ts), what Sony's stores in the configuration.
 */
import type { StudioError } from '../../errors.ts';
import { roundHalfEven } from '../../math/rounding.ts';
import type { Json } from '../../model/model.ts';
import { field, isArray, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import type { FakeQuant } from './fake-quant.ts';
import { type Range, requireRange } from './toolkit-state.ts';

export interface Wrapped {
  readonly layer: JsonObject;
  /** Grids of tensors by role, where the configuration has them. */
  readonly grids?: ReadonlyMap<string, FakeQuant>;
  /** Roles of tensors whose ranges must be stored. */
  readonly stored?: readonly string[];
}

/** A layer that only rounds what it is given: to a range of the configuration, or to a stored one; not at all where null. */
export interface Rounding {
  readonly range: Range | 'stored' | null;
}

const asItWas = 'Open the model from before it was annotated and quantize it here: its weights can be copied over by layer name.';
const strip = 'Call tfmot.clustering.keras.strip_clustering(model) and save again: the palette stays in the weights.';

const refuse = (layer: string, className: string, reason: string, hint = asItWas): StudioError =>
  problems.unsupportedLayer(layer, className, reason, hint);

const roundingOnly = new Set(['QuantizeLayer', 'KerasActivationQuantizationHolder']);
const wrappers = new Set([
  ...['PruneLowMagnitude', 'ClusterWeights', 'QuantizeAnnotate', 'QuantizeWrapper', 'QuantizeWrapperV2'],
  'KerasQuantizationWrapper',
]);

/** The layer within a wrapper; undefined for any other layer. Throws FORMAT_KERAS_UNSUPPORTED_LAYER or FORMAT_STRUCTURE. */
export function wrappedLayer(className: string, config: JsonObject, name: string): Wrapped | undefined {
  const layer = field(config, 'layer');
  if (!wrappers.has(className) || !isObject(layer)) return undefined;
  switch (className) {
    case 'ClusterWeights':
      if (field(config, 'preserve_sparsity') === true)
        throw refuse(name, className, 'Which weights it keeps at zero is not saved with it (preserve_sparsity).', strip);
      if (field(config, 'cluster_per_channel') === true)
        throw refuse(name, className, 'It has a palette for each channel (cluster_per_channel).', strip);
      return { layer };
    case 'QuantizeWrapper':
    case 'QuantizeWrapperV2':
      return { layer: withPlainActivation(layer), stored: rangedWeights(config, className, name) };
    case 'KerasQuantizationWrapper':
      return { layer: withPlainActivation(layer), grids: configuredGrids(config, className, name) };
    default:
      return { layer };
  }
}

/** What a layer that only rounds does; undefined for any other layer. */
export function roundingOf(className: string, config: JsonObject, name: string): Rounding | undefined {
  if (!roundingOnly.has(className)) return undefined;
  const tfmot = className === 'QuantizeLayer';
  const quantizer = field(config, tfmot ? 'quantizer' : 'activation_holder_quantizer');
  if (tfmot && (quantizer === null || quantizer === undefined)) return { range: null };
  const [kind, own] = isObject(quantizer) ? [field(quantizer, 'class_name'), field(quantizer, 'config')] : [];
  if (typeof kind !== 'string' || !isObject(own)) throw problems.structure(`Layer "${name}"`, 'its quantizer is not described');
  if (field(own, 'num_bits') !== 8) throw refuse(name, className, `It rounds values to ${String(field(own, 'num_bits'))} bits.`);
  if (!tfmot) return { range: rangeOfValues(kind, own, className, name) };
  const plain = field(own, 'per_axis') === false && field(own, 'narrow_range') === false;
  const known = /^(AllValues|MovingAverage|LastValue)Quantizer$/.test(kind);
  if (!plain || !known) throw refuse(name, className, `It rounds values by a quantizer of its own (${kind}).`);
  return { range: 'stored' };
}

/** Activations that the toolkit put objects of its own in the place of. */
function withPlainActivation(layer: JsonObject): JsonObject {
  const config = field(layer, 'config');
  if (!isObject(config)) return layer;
  const activation = field(config, 'activation');
  if (!isObject(activation)) return layer;
  const [kind, own] = [field(activation, 'class_name'), field(activation, 'config')];
  if (kind === 'NoOpActivation') return { ...layer, config: { ...config, activation: 'linear' } };
  const inner = kind === 'QuantizeAwareActivation' && isObject(own) ? field(own, 'activation') : undefined;
  return inner === undefined ? layer : { ...layer, config: { ...config, activation: inner } };
}

/** Configurations of the default 8-bit scheme, by what they say of weights. */
const schemes: Readonly<Record<string, 'listed' | 'none'>> = {
  Default8BitQuantizeConfig: 'listed',
  Default8BitConvQuantizeConfig: 'listed',
  Default8BitActivationQuantizeConfig: 'none',
  Default8BitOutputQuantizeConfig: 'none',
  NoOpQuantizeConfig: 'none',
};

function rangedWeights(config: JsonObject, className: string, name: string): readonly string[] {
  const scheme = field(config, 'quantize_config');
  const kind = isObject(scheme) ? field(scheme, 'class_name') : undefined;
  const own = isObject(scheme) ? field(scheme, 'config') : undefined;
  const says = typeof kind === 'string' && Object.hasOwn(schemes, kind) ? schemes[kind] : undefined;
  if (says === undefined)
    throw refuse(
      name,
      className,
      `It is quantized by a scheme other than the default one of 8 bits (${typeof kind === 'string' ? kind : 'not named'}).`,
    );
  if (says === 'none') return [];
  const weights = isObject(own) ? field(own, 'weight_attrs') : undefined;
  if (!isArray(weights) || !weights.every((role) => typeof role === 'string'))
    throw problems.structure(`Layer "${name}"`, 'its quantize_config does not list weights');
  return weights as readonly string[];
}

function configuredGrids(config: JsonObject, className: string, name: string): ReadonlyMap<string, FakeQuant> {
  const quantizers = field(config, 'weights_quantizers');
  if (!isObject(quantizers)) throw problems.structure(`Layer "${name}"`, 'its weights_quantizers are missing');
  if (field(config, 'weight_values') !== undefined)
    throw refuse(name, className, 'It quantizes constants within a function call (weight_values).');
  const grids = new Map<string, FakeQuant>();
  for (const [weight, quantizer] of Object.entries(quantizers)) {
    const [kind, own] = isObject(quantizer) ? [field(quantizer, 'class_name'), field(quantizer, 'config')] : [];
    if (typeof kind !== 'string' || !isObject(own))
      throw problems.structure(`Layer "${name}"`, `its quantizer of "${weight}" is not described`);
    grids.set(weight, gridOfWeights(kind, own, className, name));
  }
  return grids;
}

function gridOfWeights(kind: string, config: JsonObject, className: string, name: string): FakeQuant {
  const bits = field(config, 'num_bits');
  if (typeof bits !== 'number' || !Number.isInteger(bits) || bits < 2 || bits > 8)
    throw refuse(name, className, `It rounds weights to ${String(bits)} bits.`);
  const symmetric = kind === 'WeightsSymmetricInferableQuantizer' || kind === 'WeightsPOTInferableQuantizer';
  if (!symmetric && kind !== 'WeightsUniformInferableQuantizer')
    throw refuse(name, className, `It rounds weights by ${kind}, which is not read here.`);
  const limits = (key: string): readonly number[] => numbers(field(config, key), `Layer "${name}"`, key);
  const ranges = symmetric
    ? limits('threshold').map((threshold): Range => ({ min: -threshold, max: threshold - threshold / 2 ** (bits - 1) }))
    : limits('min_range').map((min, at) => withZero({ min, max: limits('max_range')[at] ?? Number.NaN }, bits));
  for (const range of ranges) requireRange(range, name);
  const [perChannel, axis, rank] = ['per_channel', 'channel_axis', 'input_rank'].map((key) => field(config, key));
  if (perChannel !== true && ranges.length !== 1) throw problems.structure(`Layer "${name}"`, 'one range is needed for a tensor');
  const known = typeof axis === 'number' && typeof rank === 'number';
  if (perChannel === true && !known) throw problems.structure(`Layer "${name}"`, 'its channel axis is not said');
  return {
    ...{ bits, narrow: false, min: ranges.map(({ min }) => min), max: ranges.map(({ max }) => max) },
    axis: perChannel === true && known ? (axis < 0 ? axis + rank : axis) : null,
  };
}

function rangeOfValues(kind: string, config: JsonObject, className: string, name: string): Range {
  const one = (key: string): number => numbers(field(config, key), `Layer "${name}"`, key)[0] ?? Number.NaN;
  const symmetric = kind === 'ActivationSymmetricInferableQuantizer' || kind === 'ActivationPOTInferableQuantizer';
  if (!symmetric && kind !== 'ActivationUniformInferableQuantizer')
    throw refuse(name, className, `It rounds values by ${kind}, which is not read here.`);
  const signed = field(config, 'signed') === true;
  const range = symmetric
    ? { min: signed ? -one('threshold') : 0, max: one('threshold') * (1 - 2 ** (signed ? -7 : -8)) }
    : withZero({ min: one('min_range'), max: one('max_range') }, 8);
  requireRange(range, name);
  return range;
}

/** The range moved, keeping its extent, so that zero is one of its levels; widened to zero where it leaves it out. */
function withZero({ min, max }: Range, bits: number): Range {
  const [low, high] = [Math.min(min, 0), Math.max(max, 0)];
  const scale = (high - low) / (2 ** bits - 1);
  if (!(scale > 0)) return { min: low, max: high };
  const start = scale * roundHalfEven(low / scale);
  return { min: start, max: high - low + start };
}

function numbers(value: Json | undefined, where: string, key: string): readonly number[] {
  const list = isArray(value) ? value : [value];
  if (list.length > 0 && list.every((item) => typeof item === 'number' && Number.isFinite(item))) return list as number[];
  throw problems.structure(where, `"${key}" should be a list of numbers`);
}
