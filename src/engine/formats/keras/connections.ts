/**
 * Connections between layers: Keras 2 writes lists `[layer, node, tensor, kwargs]`, Keras 3 objects with `__keras_tensor__`
 * arguments, both nested to whatever depth the call's Python structure had. Both become lists of tensor references.
 */
import type { Json } from '../../model/model.ts';
import { excerpt, field, isArray, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';

/** Output `tensor` of call number `node` of a layer. */
export interface TensorRef {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

interface CallRules {
  /** It does nothing when predicting: what it is told besides its tensors does not matter. */
  readonly isIdle: boolean;
  /** Whether an argument is a mask that layers hand on by themselves. */
  readonly isMask: (argument: Json) => boolean;
}

/** The input tensors of each call of a layer. Throws FORMAT_STRUCTURE, or FORMAT_KERAS_CALL for arguments that are not tensors. */
export function readConnections(
  json: Json | undefined,
  layer: string,
  notes: Notes,
  { isIdle, isMask }: CallRules = { isIdle: false, isMask: () => false },
): TensorRef[][] {
  if (json === undefined || json === null) return [];
  if (!isArray(json)) throw problems.structure(`Layer "${layer}"`, `"inbound_nodes" should be a list and is ${excerpt(json)}`);
  return json.map((call) => {
    if (!isObject(call)) return legacyCall(call, layer);
    notes.add('KERAS_INBOUND_NODES');
    const refs: TensorRef[] = [];
    collectTensors(field(call, 'args') ?? [], refs, layer);
    const others = withoutInputs(field(call, 'kwargs'), refs, layer);
    if (!isIdle) checkArguments(others, layer, isMask);
    return refs;
  });
}

/** `[[name, node, tensor, kwargs], …]`, or one such list by itself as some tf.keras versions write it. */
function legacyCall(call: Json, layer: string): TensorRef[] {
  if (!isArray(call)) throw problems.structure(`Layer "${layer}"`, `a connection should be a list and is ${excerpt(call)}`);
  const tensors = typeof call[0] === 'string' ? [call] : call;
  return tensors.map((tensor) => {
    if (!isArray(tensor)) throw problems.structure(`Layer "${layer}"`, `a connection should be a list and is ${excerpt(tensor)}`);
    checkArguments(tensor[3], layer);
    return reference(tensor, `Layer "${layer}"`);
  });
}

function collectTensors(json: Json, refs: TensorRef[], layer: string): void {
  if (isArray(json)) for (const item of json) collectTensors(item, refs, layer);
  else if (isTensor(json)) refs.push(historyOf(json, layer));
  else if (json !== null) throw problems.callArguments(layer, excerpt(json));
}

/** Keyword arguments without `inputs`, whose tensors are the layer's like those of `args`. */
function withoutInputs(kwargs: Json | undefined, refs: TensorRef[], layer: string): Json | undefined {
  if (!isObject(kwargs) || field(kwargs, 'inputs') === undefined) return kwargs;
  const { inputs = null, ...others } = kwargs;
  collectTensors(inputs, refs, layer);
  return others;
}

/** Whether an argument is a tensor. */
export function isTensor(json: Json | undefined): json is JsonObject {
  return isObject(json) && field(json, 'class_name') === '__keras_tensor__';
}

/** Whether it is `[layer, node, tensor, …]`, as Keras 2 writes tensors. */
export const isReference = (value: Json): value is readonly Json[] =>
  isArray(value) && value.length >= 3 && typeof value[0] === 'string' && Number.isInteger(value[1]);

/** Where a tensor among the arguments of a call comes from. Throws FORMAT_STRUCTURE. */
export function historyOf(tensor: JsonObject, layer: string): TensorRef {
  const config = field(tensor, 'config');
  const triple = isObject(config) ? field(config, 'keras_history') : undefined;
  if (!isArray(triple)) throw problems.structure(`Layer "${layer}"`, 'a connection does not say where it comes from');
  return reference(triple, `Layer "${layer}"`);
}

/** Keyword arguments may only say what holds anyway: not training, no mask. */
function checkArguments(kwargs: Json | undefined, layer: string, isMask: (argument: Json) => boolean = () => false): void {
  if (!isObject(kwargs)) return;
  for (const [name, value] of Object.entries(kwargs)) {
    const harmless =
      value === null ||
      value === false ||
      (name === 'mask' && (isMask(value) || (isArray(value) && value.every((item) => item === null))));
    if (!harmless) throw problems.callArguments(layer, `${name} = ${excerpt(value)}`);
  }
}

/** `input_layers` or `output_layers`: a list of triples, one flat triple, or a dictionary of either (Keras 3). */
export function readEnds(json: Json | undefined, model: string, notes: Notes): TensorRef[] {
  const refs: TensorRef[] = [];
  collectEnds(json ?? null, refs, `The model "${model}"`, 0, notes);
  if (refs.length === 0) throw problems.structure(`The model "${model}"`, 'it has no inputs or no outputs');
  return refs;
}

function collectEnds(json: Json, refs: TensorRef[], where: string, depth: number, notes: Notes): void {
  if (isArray(json) && typeof json[0] === 'string') {
    if (depth === 0) notes.add('KERAS_FLAT_ENDS');
    refs.push(reference(json, where));
  } else if (isArray(json)) {
    for (const item of json) collectEnds(item, refs, where, depth + 1, notes);
  } else if (isObject(json)) {
    notes.add('KERAS_FLAT_ENDS');
    for (const item of Object.values(json)) collectEnds(item, refs, where, depth + 1, notes);
  } else throw problems.structure(where, `an input or output should be a list and is ${excerpt(json)}`);
}

/** A connection from its triple. Throws FORMAT_STRUCTURE. */
export function reference(triple: readonly Json[], where: string): TensorRef {
  const [layer, node, tensor] = triple;
  const index = (value: Json | undefined): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;
  if (typeof layer === 'string' && index(node) && index(tensor)) return { layer, node, tensor };
  throw problems.structure(where, `${excerpt(triple)} is not a connection`);
}
