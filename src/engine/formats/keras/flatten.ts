/**
 * From a topology to nodes: nested models are unfolded with their path in the names (`outer/inner`), each further call of a
 * shared layer is a node of its own with the same weights (`dense:2`), and layers that do nothing when predicting vanish.
 */
import { StudioError } from '../../errors.ts';
import type { Json, ModelInput, Node, Shape, ValueId } from '../../model/model.ts';
import type { Op } from '../../model/op.ts';
import { opForClass } from '../../model/ops/index.ts';
import { excerpt, field, isArray, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import { type Turn, turnOf } from './channels-first.ts';
import type { TensorRef } from './connections.ts';
import { noteSpelling } from './dtype.ts';
import type { FunctionCall } from './function-calls.ts';
import { layersOfFunction } from './function-layers.ts';
import { handsOn, type Masks, masked, recurrentKinds } from './masks.ts';
import { topologicalOrder } from './order.ts';
import { noteRecurrence, statesProblem } from './recurrence.ts';
import { droppable } from './refusals.ts';
import type { Range } from './toolkit-state.ts';
import type { LayerSpec, ModelSpec } from './topology.ts';

/** A layer that may hold weights, once for all of its calls. */
export interface Leaf {
  /** `outer/inner`: the prefix of its weights' ids. */
  readonly path: string;
  /** Names from the outermost nested model to the layer itself. */
  readonly chain: readonly string[];
  readonly op: Op;
  readonly attrs: Node['attrs'];
  readonly trainable: boolean;
  readonly wrapper: LayerSpec['wrapper'];
}

export interface FlatModel {
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly ValueId[];
  /** `weights` still empty. */
  readonly nodes: readonly Node[];
  /** By node name. */
  readonly leaves: ReadonlyMap<string, Leaf>;
  /** What comes out of each call of wrapped layers and of those that only round, with its range where the topology says it. */
  readonly rounded: readonly RoundedValue[];
}

export interface RoundedValue {
  /** The layer's path. */
  readonly layer: string;
  readonly value: ValueId;
  readonly range?: Range;
}

interface State {
  readonly keras: 2 | 3;
  readonly notes: Notes;
  readonly nodes: Node[];
  readonly leaves: Map<string, Leaf>;
  readonly byPath: Map<string, Leaf>;
  /** Of values; undefined where inference failed, which is told later. */
  readonly shapes: Map<ValueId, Shape>;
  /** What was turned to channels first, by the value that came of it. */
  readonly turned: Map<ValueId, ValueId>;
  readonly masks: Masks;
  readonly rounded: RoundedValue[];
  /** Calls that may still be made: models nested in each other multiply. */
  budget: number;
}

interface Place {
  readonly chain: readonly string[];
  /** Names of the nodes' surroundings; differs from the chain for the second call of a nested model. */
  readonly prefix: string;
}

const maxCalls = 20_000;

/** Unfolds a model. Throws FORMAT_KERAS_* or FORMAT_STRUCTURE for anything that can't be reproduced. */
export function flatten(spec: ModelSpec, keras: 2 | 3, notes: Notes): FlatModel {
  const state: State = {
    keras,
    notes,
    nodes: [],
    leaves: new Map(),
    byPath: new Map(),
    shapes: new Map(),
    turned: new Map(),
    masks: new Map(),
    rounded: [],
    budget: maxCalls,
  };
  const inputs = spec.inputs.map((ref) => readInput(spec, ref, notes));
  for (const { value, shape } of inputs) state.shapes.set(value, shape);
  const values = inputs.map((input) => input.value);
  const outputs = unfold(spec, values, { chain: [], prefix: '' }, state);
  return { inputs, outputs, nodes: withoutIdleTurns(state, outputs), leaves: state.leaves, rounded: state.rounded };
}

function readInput(spec: ModelSpec, ref: TensorRef, notes: Notes): ModelInput {
  const layer = spec.layers.find((candidate) => candidate.name === ref.layer);
  if (layer?.className !== 'InputLayer')
    throw problems.structure(`The model "${spec.name}"`, `its input "${ref.layer}" is no input layer`);
  const { config, name } = layer;
  if (isArray(field(config, 'batch_shape'))) notes.add('KERAS_BATCH_SHAPE', name);
  const batch = field(config, 'batch_input_shape') ?? field(config, 'batch_shape');
  if (!isArray(batch)) throw problems.noInputShape(spec.name);
  return { value: name, name, shape: readShape(batch.slice(1), name), dtype: inputType(field(config, 'dtype'), name) };
}

function readShape(sizes: readonly Json[], layer: string): Shape {
  const valid = sizes.every((size) => size === null || (typeof size === 'number' && Number.isSafeInteger(size) && size > 0));
  if (!valid) throw problems.structure(`Input "${layer}"`, `its shape is ${excerpt(sizes)}`);
  const known = sizes.reduce<number>((count, size) => count * (typeof size === 'number' ? size : 1), 1);
  if (known >= 2 ** 31) throw problems.tooComplex(`One sample of the input "${layer}" has ${known} numbers`);
  return sizes as Shape;
}

function inputType(dtype: Json | undefined, layer: string): 'float32' | 'int32' {
  const name = isObject(dtype) ? field((field(dtype, 'config') ?? {}) as JsonObject, 'name') : (dtype ?? 'float32');
  if (typeof name === 'string' && /^(u?int)(8|16|32|64)$/.test(name)) return 'int32';
  if (typeof name === 'string' && /^(b?float(16|32|64)|mixed_b?float16)$/.test(name)) return 'float32';
  throw problems.dtype(layer, excerpt(name));
}

/** Emits the nodes of a model called with `inputs`; returns its outputs. */
function unfold(spec: ModelSpec, inputs: readonly ValueId[], place: Place, state: State): ValueId[] {
  const byName = new Map(spec.layers.map((layer) => [layer.name, layer]));
  const units = spec.layers.flatMap((layer) => layer.calls.map((refs, call) => ({ layer, refs, call })));
  const unitOf = new Map(units.map((unit, index) => [`${unit.call}:${unit.layer.name}`, index]));
  const entry = new Map(spec.inputs.map((ref, index) => [ref.layer, inputs[index]]));
  const indexOf = (ref: TensorRef): number => {
    const layer = byName.get(ref.layer);
    const index = layer === undefined ? undefined : unitOf.get(`${callOf(layer, ref, spec)}:${ref.layer}`);
    if (index === undefined)
      throw problems.structure(`The model "${spec.name}"`, `it uses "${ref.layer}" (call ${ref.node}), which is not there`);
    return index;
  };
  const needs = (refs: readonly TensorRef[]): number[] => refs.filter((ref) => !entry.has(ref.layer)).map(indexOf);
  const sorted = topologicalOrder(units.length, (index) => needs(units[index]?.refs ?? []));
  if ('cycle' in sorted)
    throw problems.cycle(
      spec.name,
      sorted.cycle.map((index) => units[index]?.layer.name ?? ''),
    );
  const results = new Map<number, readonly ValueId[]>();
  const tensorAt = (ref: TensorRef): ValueId => {
    const value = entry.has(ref.layer) ? entry.get(ref.layer) : results.get(indexOf(ref))?.[ref.tensor];
    const maker = byName.get(ref.layer);
    if (value === undefined && maker !== undefined && recurrentKinds.has(maker.className))
      throw statesProblem(maker, 'It gives its states to other layers');
    if (value === undefined)
      throw problems.structure(`The model "${spec.name}"`, `output ${ref.tensor} of "${ref.layer}" does not exist`);
    return value;
  };
  for (const index of sorted.order) {
    const unit = units[index];
    if (unit === undefined) continue;
    const given = unit.layer.masks?.[unit.call];
    const from = unit.refs.map(tensorAt);
    if (given !== undefined && !handsOn(state.masks, from[0], { source: tensorAt(given.source), value: given.value }))
      throw problems.callArguments(unit.layer.name, 'mask = one that no layer before it hands on');
    const made = emit(unit.layer, unit.call, from, place, state);
    results.set(index, made);
    noteRounding(unit.layer, made[0] ?? '', spec, place, state);
  }
  return spec.outputs.map(tensorAt);
}

/** Keeps what a wrapped layer makes, or what a layer that only rounds is given, for the ranges to come. */
function noteRounding(layer: LayerSpec, value: ValueId, spec: ModelSpec, place: Place, state: State): void {
  const { rounding, wrapper } = layer;
  if (wrapper === undefined && (rounding === undefined || rounding.range === null)) return;
  const path = [...place.chain, layer.name].join('/');
  const range = rounding === undefined || rounding.range === 'stored' ? null : rounding.range;
  state.rounded.push({ layer: path, value, ...(range === null ? {} : { range }) });
  if (rounding === undefined) return;
  // The value itself gets the grid: nobody may read it unrounded.
  const sources = layer.calls.flat().map((ref) => ref.layer);
  const refs = [...spec.layers.flatMap((other) => other.calls.flat()), ...spec.outputs];
  if (sources.length !== 1 || refs.filter((ref) => ref.layer === sources[0]).length !== 1)
    throw problems.structure(`Layer "${path}"`, 'other layers read the value that it rounds');
}

/** Keras counts a nested model's own construction as its node 0 in some versions; every call is referred to, so the highest index tells. */
function callOf(layer: LayerSpec, ref: TensorRef, spec: ModelSpec): number {
  if (layer.nested === undefined) return ref.node;
  if (layer.calls.length === 1) return 0;
  const refs = [...spec.layers.flatMap((other) => other.calls.flat()), ...spec.outputs];
  const highest = refs.reduce((max, other) => (other.layer === layer.name ? Math.max(max, other.node) : max), 0);
  return ref.node - Math.max(0, highest - (layer.calls.length - 1));
}

function emit(layer: LayerSpec, call: number, inputs: readonly ValueId[], place: Place, state: State): ValueId[] {
  if (--state.budget < 0) throw problems.tooComplex(`It has more than ${maxCalls} layer calls, nested models unfolded`);
  const suffix = call === 0 ? '' : `:${call + 1}`;
  const chain = [...place.chain, layer.name];
  const nodeName = `${place.prefix}${layer.name}${suffix}`;
  if (layer.nested !== undefined) {
    if (inputs.length !== layer.nested.inputs.length) {
      throw problems.structure(
        `The model "${layer.name}"`,
        `it takes ${layer.nested.inputs.length} inputs and is given ${inputs.length}`,
      );
    }
    return unfold(layer.nested, inputs, { chain, prefix: `${nodeName}/` }, state);
  }
  const called = layer.functions?.[call];
  if (called !== undefined) return [emitFunction(called, nodeName, chain, inputs, state)];
  if (layer.rounding !== undefined) return [...inputs];
  const dropped = droppable(layer.className);
  if (dropped !== undefined) {
    state.notes.add(dropped, chain.join('/'));
    return [...inputs];
  }
  const computed = { ...layer, ...layer.inner };
  const said = layer.settings?.[call];
  if (recurrentKinds.has(computed.className)) noteRecurrence(computed, inputs.length, chain.join('/'), state.notes);
  const { config, activation } = splitActivation({ ...computed.config, ...said });
  const [input = ''] = inputs;
  const turn = turnOf(computed.className, config, state.shapes.get(input)?.length ?? 0);
  const node =
    turn === undefined
      ? addNode({ ...computed, config }, nodeName, chain, inputs, state)
      : emitTurned({ ...computed, config: turn.config }, turn, nodeName, chain, input, state);
  if (activation === undefined) return [node];
  state.notes.add('KERAS_ACTIVATION_LAYER', chain.join('/'));
  const inner: LayerSpec = { name: 'activation', className: activation.className, config: activation.config, calls: [] };
  return [addNode(inner, `${nodeName}/activation`, [...chain, 'activation'], [node], state)];
}

function addNode(layer: LayerSpec, name: string, chain: readonly string[], inputs: readonly ValueId[], state: State): ValueId {
  const path = chain.join('/');
  const known = state.byPath.get(path);
  const leaf = known ?? readLeaf(layer, chain, state);
  state.byPath.set(path, leaf);
  state.leaves.set(name, leaf);
  // A call may say something of its own.
  const attrs = known === undefined || layer.settings === undefined ? leaf.attrs : readLeaf(layer, chain, state).attrs;
  const node: Node = { name, op: leaf.op.kind, attrs, inputs, outputs: [name], weights: {} };
  state.nodes.push(masked(node, state.masks));
  const shape = inferredShape(leaf, inputs, state);
  if (shape !== undefined) state.shapes.set(name, shape);
  return name;
}

/** A layer that only helps another one: it has no weights and is called once for each of its names. */
function addHelper(className: string, config: JsonObject, name: string, inputs: readonly ValueId[], state: State): ValueId {
  return addNode({ name, className, config, calls: [] }, name, [name, className], inputs, state);
}

/** The layers of a function; the last has the function's own name. */
function emitFunction(
  called: FunctionCall,
  name: string,
  chain: readonly string[],
  inputs: readonly ValueId[],
  state: State,
): ValueId {
  const shapes = inputs.map((value) => state.shapes.get(value));
  const layers = layersOfFunction(called, shapes, chain.join('/'));
  state.notes.add('KERAS_FUNCTIONS', chain.join('/'));
  if (layers.length === 0) return inputs[0] ?? '';
  let value = inputs[0] ?? '';
  const made = new Map<string, ValueId>();
  for (const [index, { className, config, inputs: places, as }] of layers.entries()) {
    const own = index === layers.length - 1 ? name : `${name}/${index + 1}`;
    const given = places?.map((place) => (typeof place === 'number' ? inputs[place] : made.get(place)) ?? '') ?? [value];
    value = addHelper(className, config, own, given, state);
    if (as !== undefined) made.set(as, value);
  }
  return value;
}

/** A layer laid out channels first, between two turns. */
function emitTurned(layer: LayerSpec, turn: Turn, name: string, chain: readonly string[], input: ValueId, state: State): ValueId {
  state.notes.add('KERAS_CHANNELS_FIRST', chain.join('/'));
  const before = state.turned.get(input) ?? addHelper('Permute', { dims: [...turn.before] }, `${name}/last`, [input], state);
  const inner = addNode(layer, turn.after === null ? name : `${name}/inner`, chain, [before], state);
  if (turn.after === null) return inner;
  const first = addHelper('Permute', { dims: [...turn.after] }, name, [inner], state);
  state.turned.set(first, inner);
  return first;
}

/** The nodes without turns to channels first that nobody reads. */
function withoutIdleTurns(state: State, outputs: readonly ValueId[]): Node[] {
  const read = new Set([...outputs, ...state.nodes.flatMap((node) => node.inputs)]);
  return state.nodes.filter((node) => !state.turned.has(node.name) || read.has(node.name));
}

function inferredShape(leaf: Leaf, inputs: readonly ValueId[], state: State): Shape | undefined {
  const shapes = inputs.flatMap((value) => {
    const shape = state.shapes.get(value);
    return shape === undefined ? [] : [shape];
  });
  try {
    return shapes.length === inputs.length ? leaf.op.shape(leaf.attrs, shapes) : undefined;
  } catch (error) {
    if (error instanceof StudioError) return undefined;
    throw error;
  }
}

function readLeaf(layer: LayerSpec, chain: readonly string[], state: State): Leaf {
  const path = chain.join('/');
  const op = opForClass(layer.className, layer.config);
  if (op === undefined) throw unknownLayer(path, layer.className);
  noteSpelling(layer, path, state.notes);
  const attrs = op.read(layer.config, { layer: path, className: layer.className, keras: state.keras });
  return { path, chain, op, attrs, trainable: field(layer.config, 'trainable') !== false, wrapper: layer.wrapper };
}

function unknownLayer(path: string, className: string): StudioError {
  return problems.structure(`Layer "${path}"`, `an input layer (${className}) stands where a layer should`);
}

/** An activation saved as a layer object (`activation=LeakyReLU(…)`) becomes a layer of its own. */
function splitActivation(config: JsonObject): { config: JsonObject; activation?: { className: string; config: JsonObject } } {
  const activation = field(config, 'activation');
  if (!isObject(activation)) return { config };
  const className = field(activation, 'class_name');
  const own = field(activation, 'config');
  if (typeof className !== 'string' || !isObject(own) || !weightless.has(className)) return { config };
  return { config: { ...config, activation: 'linear' }, activation: { className, config: own } };
}

const weightless = new Set(['LeakyReLU', 'ReLU', 'ELU', 'Softmax']);
