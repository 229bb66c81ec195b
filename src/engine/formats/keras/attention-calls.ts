/**
 * Calls of layers that attend: a query, a value and maybe a key, which Keras passes by place or by name, and whether each step sees only
 * those before it, which is an argument of the call and no setting of the layer. Keras 2 lists further tensors by name behind the first,
 * `[["query", 0, 0, {"value": ["x", 0, 0]}]]`; Attention and AdditiveAttention take one list of all.
 */
import type { Json, Node } from '../../model/model.ts';
import { excerpt, field, isArray, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import { historyOf, isReference, isTensor, reference, type TensorRef } from './connections.ts';
import { heedsMask } from './masks.ts';

/** Layers that are called with each tensor by itself. */
const apart: ReadonlySet<string> = new Set(['MultiHeadAttention', 'GroupQueryAttention', 'GroupedQueryAttention']);
const together: ReadonlySet<string> = new Set(['Attention', 'AdditiveAttention']);

/** Whether a layer is called so, by its class or its op. */
export const attends = (className: string): boolean => apart.has(className) || together.has(className);

interface AttentionCalls {
  readonly calls: readonly (readonly TensorRef[])[];
  /** What each call says beside its tensors, as settings. */
  readonly settings: readonly JsonObject[];
}

const order = ['query', 'value', 'key'];

/** Reads all calls of such a layer. Throws FORMAT_STRUCTURE, or FORMAT_KERAS_CALL for arguments that are not reproduced. */
export function readAttentionCalls(nodes: Json | undefined, layer: string, className: string): AttentionCalls {
  const read = (isArray(nodes) ? nodes : []).map((node) => {
    const { list, named } = isObject(node) ? recentCall(node) : earlierCall(node);
    const tensors = new Map<string, TensorRef>();
    for (const [place, argument] of list.entries()) {
      const ref = refOf(argument, layer);
      if (ref !== undefined && order[place] !== undefined) tensors.set(order[place], ref);
      else checkIdle(layer, className, `argument ${place + 1}`, argument);
    }
    for (const [name, argument] of Object.entries(named)) {
      const ref = order.includes(name) ? refOf(argument, layer) : undefined;
      if (ref !== undefined) tensors.set(name, ref);
      else if (name !== 'use_causal_mask') checkIdle(layer, className, name, argument);
    }
    const [query, value, key] = order.map((name) => tensors.get(name));
    if (query === undefined || value === undefined)
      throw problems.structure(`Layer "${layer}"`, 'it is called without a query or a value');
    return { refs: key === undefined ? [query, value] : [query, value, key], causal: field(named, 'use_causal_mask') === true };
  });
  return {
    calls: read.map(({ refs }) => refs),
    settings: read.map(({ causal }) => (causal ? { use_causal_mask: true } : {})),
  };
}

interface Arguments {
  readonly list: readonly Json[];
  readonly named: JsonObject;
}

function recentCall(node: JsonObject): Arguments {
  const [args, kwargs] = [field(node, 'args'), field(node, 'kwargs')];
  const { inputs = null, ...named } = isObject(kwargs) ? kwargs : {};
  const list = isArray(args) ? args : [];
  return { list: (list.length === 0 && isArray(inputs) ? [inputs] : list).flatMap(unpacked), named };
}

/** The tensors of a list; a list of masks stays one. */
const unpacked = (argument: Json): readonly Json[] => (isArray(argument) && argument.some(isTensor) ? argument : [argument]);

function earlierCall(node: Json): Arguments {
  const list = isArray(node) && !isReference(node) ? node : [node];
  const [first] = list;
  const kwargs = isArray(first) ? first[3] : undefined;
  return { list, named: isObject(kwargs) ? kwargs : {} };
}

function refOf(argument: Json, layer: string): TensorRef | undefined {
  if (isTensor(argument)) return historyOf(argument, layer);
  return isReference(argument) ? reference(argument, `Layer "${layer}"`) : undefined;
}

/** Arguments may only say what holds anyway: no mask, no scores as a second output, not training. */
function checkIdle(layer: string, className: string, name: string, argument: Json): void {
  const idle = (value: Json): boolean => value === null || value === false;
  if (isArray(argument) ? argument.every(idle) : idle(argument)) return;
  if (JSON.stringify(argument).includes('__keras_tensor__') || name.endsWith('mask')) throw heedsMask(layer, className);
  throw problems.callArguments(layer, `${name} = ${excerpt(argument)}`);
}

/** The arguments of a node's call for Keras 3; `tensors` are those of its inputs. */
export function recentArguments(
  { op, attrs }: Node,
  tensors: readonly Json[],
): { readonly args: Json; readonly kwargs: JsonObject } {
  const kwargs = attends(op) && attrs.causal === true ? { use_causal_mask: true } : {};
  return { args: tensors.length === 1 || apart.has(op) ? tensors : [tensors], kwargs };
}

/** The shapes that such a layer is built with, by argument, for Keras 3; undefined for any other layer. */
export function builtWith(op: string, shapes: readonly Json[]): JsonObject | undefined {
  if (!apart.has(op)) return undefined;
  return { shapes_dict: Object.fromEntries(shapes.map((shape, place) => [`${order[place]}_shape`, shape])) };
}

/** A node's call for Keras 2; `places` are `[layer, call, tensor]` of its inputs. */
export function earlierArguments({ op, attrs }: Node, places: readonly (readonly Json[])[]): Json {
  const causal = attends(op) && attrs.causal === true ? { use_causal_mask: true } : {};
  if (!apart.has(op)) return places.map((place) => [...place, causal]);
  const [query = [], ...others] = places;
  const named = Object.fromEntries(others.map((place, i) => [order[i + 1], place]));
  return [[...query, { ...named, ...causal }]];
}
