/**
 * A Keras topology as plain data: Sequential and Functional models, Keras 2 and Keras 3 spellings, nested models included.
 * What Keras 3 writes differently (features that stock TF.js refuses) is read into one form and noted. A Sequential model
 * becomes a chain; where it has no InputLayer, one is made from the shape its first layer declares.
 */
import type { Json } from '../../model/model.ts';
import { arrayField, excerpt, field, isArray, isObject, type JsonObject, objectField, textField } from '../json.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import { attends, readAttentionCalls } from './attention-calls.ts';
import { readConnections, readEnds, type TensorRef } from './connections.ts';
import { type FunctionCall, functionName, readFunctionCalls } from './function-calls.ts';
import { type MaskCall, maskCalls, maskOf, masksOfCalls, withoutMaskCalls } from './mask-calls.ts';
import { droppable, refusalOf } from './refusals.ts';
import { type Rounding, roundingOf, type Wrapped, wrappedLayer } from './toolkit.ts';
import { type Inner, innerOf } from './wrappers.ts';

export interface LayerSpec {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  /** The tensors of each call, in the order of calls; a shared layer has several. */
  readonly calls: readonly (readonly TensorRef[])[];
  /** Set where the layer is a function: what is called, for each call. */
  readonly functions?: readonly FunctionCall[];
  /** Set where the layer is a model itself. */
  readonly nested?: ModelSpec;
  /** The mask that each call is given. */
  readonly masks?: readonly (MaskCall | undefined)[];
  /** What each call says beside its tensors, as settings. */
  readonly settings?: readonly JsonObject[];
  /** The layer that is computed, where `className` only wraps it. */
  readonly inner?: Inner;
  /** What a wrapper around it does to its tensors. */
  readonly wrapper?: Pick<Wrapped, 'grids' | 'stored'> & { readonly className: string };
  /** Set where it only rounds what it is given. */
  readonly rounding?: Rounding;
}

export interface ModelSpec {
  readonly name: string;
  readonly layers: readonly LayerSpec[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

const modelClasses = ['Sequential', 'Functional', 'Model'];

/** Reads `{ class_name, config }` of a model. Throws FORMAT_STRUCTURE, FORMAT_KERAS_SUBCLASSED or FORMAT_KERAS_UNSUPPORTED_LAYER. */
export function readTopology(json: Json, path: string, notes: Notes): ModelSpec {
  if (!isObject(json)) throw problems.structure(`"${path}"`, `the topology should be an object and is ${excerpt(json)}`);
  const className = textField(json, 'class_name', `"${path}"`);
  if (!isModel(json)) throw problems.subclassed(path, className);
  if (field(json, 'module') !== undefined) notes.add('KERAS_MODULES');
  return readModel(json, notes);
}

/** The major version of Keras that wrote a topology, from its version text, else from how it is spelled. */
export function kerasVersion(version: string | undefined, topology: Json): 2 | 3 {
  const major = version === undefined ? undefined : /^(\d+)\./.exec(version)?.[1];
  if (major !== undefined) return Number(major) >= 3 ? 3 : 2;
  if (version?.startsWith('tfjs-layers')) return 2;
  const text = JSON.stringify(topology);
  return text.includes('"batch_shape"') || text.includes('"__keras_tensor__"') ? 3 : 2;
}

function isModel(json: JsonObject): boolean {
  const config = field(json, 'config');
  const hasLayers = isArray(config) || (isObject(config) && isArray(field(config, 'layers')));
  const registered = field(json, 'registered_name');
  const own = typeof registered === 'string' && registered.includes('>');
  return hasLayers && !own && modelClasses.includes(textField(json, 'class_name', 'The topology'));
}

function readModel(json: JsonObject, notes: Notes): ModelSpec {
  const raw = field(json, 'config');
  // Keras before 2.2.3 writes a Sequential's layers as its whole configuration.
  const config: JsonObject = isArray(raw) ? { layers: raw } : objectField(json, 'config', 'The model');
  const nameField = field(config, 'name') ?? field(json, 'name');
  const name = typeof nameField === 'string' ? nameField : '';
  const layers = arrayField(config, 'layers', `The model "${name}"`);
  if (layers.length === 0) throw problems.structure(`The model "${name}"`, 'it has no layers');
  const functional = field(config, 'output_layers') !== undefined;
  return functional ? readFunctional(name, config, layers, notes) : readSequential(name, config, layers, notes);
}

function readFunctional(name: string, config: JsonObject, entries: readonly Json[], notes: Notes): ModelSpec {
  const masks = maskCalls(entries);
  const layers = entries.map((entry) => {
    const layer = readLayer(entry, name, notes);
    const called = functionName(entry as JsonObject);
    if (called !== undefined) return { ...layer, ...readFunctionCalls(entry as JsonObject, called, layer.name) };
    const connections = field(entry as JsonObject, 'inbound_nodes');
    const rules = {
      isIdle: droppable(layer.className) !== undefined,
      isMask: (argument: Json) => maskOf(argument, masks) !== undefined,
    };
    if (attends(layer.className)) return { ...layer, ...readAttentionCalls(connections, layer.name, layer.className) };
    const own = masks.size > 0 ? { masks: masksOfCalls(entry as JsonObject, masks) } : {};
    return { ...layer, ...own, calls: readConnections(connections, layer.name, notes, rules) };
  });
  requireUniqueNames(name, layers);
  const inputs = readEnds(field(config, 'input_layers'), name, notes);
  const outputs = readEnds(field(config, 'output_layers'), name, notes);
  return { name, layers: withoutMaskCalls(layers, outputs, masks), inputs, outputs };
}

function readSequential(name: string, config: JsonObject, entries: readonly Json[], notes: Notes): ModelSpec {
  const own = nameUnnamed(entries.map((entry) => readLayer(entry, name, notes)));
  const [first] = own;
  const layers = first !== undefined && first.className !== 'InputLayer' ? [impliedInput(first, config, notes), ...own] : own;
  requireUniqueNames(name, layers);
  const chain = layers.map((layer, index): LayerSpec => {
    const before = layers[index - 1];
    return { ...layer, calls: before === undefined ? [] : [[{ layer: before.name, node: 0, tensor: 0 }]] };
  });
  const end = (layer: LayerSpec | undefined): TensorRef => ({ layer: layer?.name ?? '', node: 0, tensor: 0 });
  return { name, layers: chain, inputs: [end(chain[0])], outputs: [end(chain.at(-1))] };
}

/** Old Keras and Teachable Machine write models inside a Sequential without a name. */
function nameUnnamed(layers: readonly LayerSpec[]): LayerSpec[] {
  const names = new Set(layers.map(({ name }) => name));
  return layers.map((layer, index) => {
    if (layer.name !== '') return layer;
    let name = `${layer.className.toLowerCase()}_${index + 1}`;
    while (names.has(name)) name += '_';
    return { ...layer, name };
  });
}

function impliedInput(first: LayerSpec, config: JsonObject, notes: Notes): LayerSpec {
  const declared = declaredShape(first);
  const built = field(config, 'build_input_shape');
  if (declared === undefined && isArray(built)) notes.add('KERAS_INPUT_SHAPE', first.name);
  const shape = declared ?? (isArray(built) ? built : null);
  const dtype = field(first.config, 'dtype') ?? 'float32';
  const name = `${first.name}_input`;
  return { name, className: 'InputLayer', config: { name, batch_input_shape: shape, dtype }, calls: [] };
}

/** The batch shape that a layer, or the input of a nested model, declares. */
function declaredShape(layer: LayerSpec): Json | undefined {
  const own = field(layer.config, 'batch_input_shape') ?? field(layer.config, 'batch_shape');
  if (isArray(own)) return own;
  const [input] = layer.nested?.inputs ?? [];
  const inner = layer.nested?.layers.find((candidate) => candidate.name === input?.layer);
  return inner === undefined ? undefined : declaredShape(inner);
}

function requireUniqueNames(model: string, layers: readonly LayerSpec[]): void {
  const seen = new Set<string>();
  for (const { name } of layers) {
    if (seen.has(name)) throw problems.structure(`The model "${model}"`, `two layers are called "${name}"`);
    seen.add(name);
  }
}

const wrappedModel = (name: string, className: string): Error =>
  problems.structure(`Layer "${name}"`, `a ${className} stands around a model or another wrapper`);

function readLayer(entry: Json, model: string, notes: Notes): LayerSpec {
  if (!isObject(entry)) throw problems.structure(`The model "${model}"`, `a layer should be an object and is ${excerpt(entry)}`);
  const className = textField(entry, 'class_name', `A layer of "${model}"`);
  if (isModel(entry)) {
    const nested = readModel(entry, notes);
    const name = field(entry, 'name');
    return { name: typeof name === 'string' ? name : nested.name, className, config: {}, calls: [], nested };
  }
  const config = objectField(entry, 'config', `A layer ${className} of "${model}"`);
  const name = field(config, 'name') ?? field(entry, 'name');
  if (typeof name !== 'string') throw problems.structure(`The model "${model}"`, `a layer ${className} has no name`);
  const wrapped = wrappedLayer(className, config, name);
  if (wrapped !== undefined) {
    const { layer, ...wrapper } = wrapped;
    const shape = field(config, 'batch_input_shape');
    const inside = readLayer(layer, model, notes);
    if (inside.nested !== undefined || inside.wrapper !== undefined) throw wrappedModel(name, className);
    const within = { ...(shape === undefined ? {} : { batch_input_shape: shape }), ...inside.config };
    return { ...inside, name, config: within, wrapper: { ...wrapper, className } };
  }
  const rounding = roundingOf(className, config, name);
  if (rounding !== undefined) return { name, className, config, calls: [], rounding };
  const refusal = refusalOf(entry, className, name);
  if (refusal !== undefined) throw refusal;
  const computed = className === 'TimeDistributed' ? innerOf(config) : undefined;
  return { name, className, config, calls: [], ...(computed ? { inner: computed } : {}) };
}
