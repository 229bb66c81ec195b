/**
 * A layer's configuration as Keras 2 or Keras 3 spells it. What an op writes is the Keras 2 form that stock TF.js reads; here stand the
 * names that differ. Whether the result says the same is not believed but tried: the op must read it back to the same attributes.
 */
import { StudioError } from '../../../errors.ts';
import type { Loss } from '../../../format.ts';
import type { Attrs, Json, Model, Node } from '../../../model/model.ts';
import type { KerasConfig } from '../../../model/op.ts';
import { opOf } from '../../../model/ops/index.ts';
import type { TimeDistributedAttrs } from '../../../model/ops/time-distributed.ts';
import type { TensorToWrite } from '../../hdf5/write.ts';
import { isChain, writtenLayers } from '../../tfjs-layers/write-topology.ts';
import { recurrentKinds } from '../masks.ts';
import { comparesWithin, withoutMaskInputs } from './mask-inputs.ts';

/** How many samples a Normalization has seen, which Keras stores behind its statistics and no longer needs. */
export const adaptedTo: TensorToWrite = { shape: [], values: Float32Array.of(0) };

interface Spelled {
  readonly className: string;
  readonly config: KerasConfig;
}

/** Attributes that name an activation, and the fields of a configuration that do. */
const activationFields = {
  activation: 'activation',
  cellActivation: 'activation',
  gateActivation: 'recurrent_activation',
} as const;

/** Activations that Keras 3 brought. */
const recent = [
  ...['hard_silu', 'hard_tanh', 'hard_shrink', 'soft_shrink', 'tanh_shrink', 'log_sigmoid', 'squareplus'],
  ...['sparse_sigmoid', 'sparse_plus', 'sparsemax'],
];

function absent(names: readonly string[]): Readonly<Record<string, null>> {
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** Classes that a version of Keras does not have. */
const unknown: Readonly<Record<2 | 3, ReadonlySet<string>>> = {
  2: new Set(['RMSNormalization', 'GroupQueryAttention']),
  3: new Set(['ThresholdedReLU']),
};

/** Activations by their own name here, where Keras has another or none. */
const activations: Readonly<Record<2 | 3, Readonly<Record<string, string | null>>>> = {
  2: { hard_sigmoid_3: null, ...absent(['gelu_tanh', ...recent]) },
  3: { swish: 'silu', hard_sigmoid_3: 'hard_sigmoid', gelu_tanh: null },
};

/** Fields that Keras 3 renamed, by class. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = { LeakyReLU: { alpha: 'negative_slope' } };

/** Class and configuration of a node's layer, without its name; undefined where this version of Keras can't say what it computes. */
export function spell(node: Node, keras: 2 | 3): Spelled | undefined {
  const op = opOf(node.op);
  const { className, config: plain } = op.write(node.attrs);
  if (unknown[keras].has(className) || (className === 'SeparableConv1D' && plain.padding === 'causal')) return undefined;
  // Statistics among the settings lie along the last axis there; elsewhere they would have to be stretched by hand.
  if (className === 'Normalization' && Array.isArray(plain.mean) && plain.mean.length > 1 && String(plain.axis) !== '-1')
    return undefined;
  if (node.op === 'TimeDistributed') return spellWithin(node, keras);
  const names = keras === 3 ? (renamed[className] ?? {}) : {};
  const config = Object.fromEntries(Object.entries(plain).map(([key, value]) => [names[key] ?? key, value]));
  if (className === 'Embedding') config.mask_zero = node.attrs.maskZero === true;
  // What is left of the inputs that mask (mask-inputs.ts) is none that Keras would hand on.
  if (recurrentKinds.has(node.op) && node.inputs.length > 1) return undefined;
  const inner = innerLayer(config);
  if (!named(inner?.config ?? config, node.attrs, keras)) return undefined;
  if (inner !== undefined) config.layer = within(inner);
  // Keras 3 takes the word for a function of that name where it opens .h5; both versions have it by default.
  if (keras === 2 && config.score_mode === 'dot') delete config.score_mode;
  const said = node.attrs.causal === true ? { use_causal_mask: true } : {};
  return readsBack(node, { className, config: { ...config, ...said } }, keras) ? { className, config } : undefined;
}

/** A layer within another: Keras 3 asks for its module in .h5 as well, where Keras 2 passes it over. */
const within = <T extends object>(layer: T) => ({ ...layer, module: 'keras.layers', registered_name: null });

/** A TimeDistributed with the layer within in the same words. */
function spellWithin(node: Node, keras: 2 | 3): Spelled | undefined {
  const { inner } = node.attrs as TimeDistributedAttrs;
  const spelled = spell({ ...node, op: inner.op, attrs: inner.attrs }, keras);
  if (spelled === undefined) return undefined;
  const layer = { class_name: spelled.className, config: { name: 'step', trainable: true, dtype: 'float32', ...spelled.config } };
  const config = { layer: within(layer) };
  return readsBack(node, { className: 'TimeDistributed', config }, keras) ? { className: 'TimeDistributed', config } : undefined;
}

/** A copy of the layer that a Bidirectional runs both ways. */
function innerLayer({ layer }: KerasConfig): { readonly class_name: Json; readonly config: Record<string, Json> } | undefined {
  if (typeof layer !== 'object' || layer === null || Array.isArray(layer)) return undefined;
  const { class_name: className = null, config } = layer as KerasConfig;
  return { class_name: className, config: { ...(config as KerasConfig) } };
}

/** Names activations as this version of Keras does; false where it has one of them not at all. */
function named(config: Record<string, Json>, attrs: Attrs, keras: 2 | 3): boolean {
  for (const [attr, field] of Object.entries(activationFields)) {
    const name = attrs[attr];
    if (typeof name !== 'string' || !(field in config)) continue;
    const written = Object.hasOwn(activations[keras], name) ? activations[keras][name] : name;
    if (written === null || written === undefined) return false;
    config[field] = written;
  }
  return true;
}

function readsBack({ name, op, attrs }: Node, { className, config }: Spelled, keras: 2 | 3): boolean {
  try {
    return sameAttrs(opOf(op).read(config, { layer: name, className, keras }), attrs);
  } catch (error) {
    if (error instanceof StudioError) return false;
    throw error;
  }
}

const sameAttrs = (a: Attrs, b: Attrs): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function sorted(json: Json): Json {
  if (Array.isArray(json)) return json.map(sorted);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, sorted(value)]),
  );
}

/** The layers that this version of Keras can't say. */
export function unsayable(model: Model, keras: 2 | 3): Loss[] {
  const { model: plain, otherwise } = withoutMaskInputs(model);
  const compares = keras === 3 && comparesWithin(model, isChain(plain, writtenLayers(plain)));
  const unsaid = (node: Node, index: number): boolean =>
    otherwise.has(node.name) ||
    spell(plain.nodes[index] ?? node, keras) === undefined ||
    (compares && node !== plain.nodes[index]);
  return model.nodes.filter(unsaid).map((node) => ({
    layer: node.name,
    code: 'layer-not-in-keras',
    text: `It can not be saved for Keras: Keras ${keras} has no ${node.op} that computes the same.`,
  }));
}

/** Throws EXPORT_LAYER where a layer can't be said. */
export function refuseUnsayable(model: Model, keras: 2 | 3): void {
  const [first, ...others] = unsayable(model, keras);
  if (!first) return;
  const more =
    others.length > 0 ? ` The same holds for ${others.length} more: ${others.map(({ layer }) => layer).join(', ')}.` : '';
  throw new StudioError({
    code: 'EXPORT_LAYER',
    title: `The layer "${first.layer}" can not be saved for Keras.`,
    detail: `${first.text}${more}`,
    hint: keras === 3 ? 'Save in another format.' : 'Save it as .keras, or in another format.',
    context: { layers: [first, ...others].map(({ layer }) => layer) },
  });
}
