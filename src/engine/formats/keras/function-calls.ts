/**
 * Function calls that Keras saves as layers, such as `x + 1` or `ops.relu(x)`: Keras 3 as classes of `keras.src.ops` with their arguments,
 * Keras 2 as TFOpLambda and SlicingOpLambda with the name of a TensorFlow function. What they become is in function-layers.ts.
 */
import type { Json } from '../../model/model.ts';
import { excerpt, field, isArray, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import { historyOf, isReference, isTensor, reference, type TensorRef } from './connections.ts';

/** An argument: the number of one of the call's tensors, or a constant. */
export type Argument = { readonly tensor: number } | { readonly constant: Json };

export interface FunctionCall {
  /** In snake case, without a module: `add`, `reduce_mean`. */
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly options: JsonObject;
}

/** The function that a layer of Keras 3 or Keras 2 stands for; undefined for a real layer. */
export function functionName(entry: JsonObject): string | undefined {
  const [module, className, config] = [field(entry, 'module'), field(entry, 'class_name'), field(entry, 'config')];
  // In .h5 files Keras 3 leaves modules out; what a layer's configuration always has tells them apart.
  const isFunction = typeof module === 'string' ? /^keras(\.src)?\.ops\b/.test(module) : isBare(entry);
  if (isFunction && typeof className === 'string') {
    return className
      .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .toLowerCase();
  }
  if (className !== 'TFOpLambda' && className !== 'SlicingOpLambda') return undefined;
  const name = isObject(config) ? field(config, 'function') : undefined;
  return typeof name === 'string' ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : undefined;
}

function isBare(entry: JsonObject): boolean {
  const [nodes, config] = [field(entry, 'inbound_nodes'), field(entry, 'config')];
  const [first] = isArray(nodes) ? nodes : [];
  if (!isObject(first) || !isObject(config) || field(first, 'args') === undefined) return false;
  return ['trainable', 'dtype', 'layers'].every((name) => field(config, name) === undefined);
}

/** The calls of such a layer with their tensors. Throws FORMAT_STRUCTURE or FORMAT_KERAS_CALL. */
export function readFunctionCalls(
  entry: JsonObject,
  name: string,
  layer: string,
): { readonly calls: TensorRef[][]; readonly functions: FunctionCall[] } {
  const nodes = field(entry, 'inbound_nodes');
  const calls: TensorRef[][] = [];
  const functions: FunctionCall[] = [];
  for (const node of isArray(nodes) ? nodes : []) {
    const refs: TensorRef[] = [];
    const call = isObject(node) ? recentCall(node, refs, layer) : earlierCall(node, refs, layer);
    const own = isObject(node) ? field(entry, 'config') : {};
    calls.push(refs);
    functions.push({ name, arguments: call.arguments, options: { ...(isObject(own) ? own : {}), ...call.options } });
  }
  return { calls, functions };
}

type Arguments = Pick<FunctionCall, 'arguments' | 'options'>;

/** Names of arguments that come second. */
const second = ['y', 'x2', 'slice_spec', 'key'];

function argumentsOf(given: readonly Json[], kwargs: Json | undefined, read: (value: Json) => Argument[]): Arguments {
  const list = given.flatMap(read);
  const options: Record<string, Json> = {};
  for (const [name, value] of isObject(kwargs) ? Object.entries(kwargs) : []) {
    if (second.includes(name) || ['x', 'x1', 'inputs', 'xs', 'values'].includes(name)) list.push(...read(value));
    else options[name] = value;
  }
  return { arguments: list, options };
}

function recentCall(node: JsonObject, refs: TensorRef[], layer: string): Arguments {
  const read = (value: Json): Argument[] => {
    if (isTensor(value)) return [{ tensor: refs.push(historyOf(value, layer)) - 1 }];
    if (isArray(value) && value.length > 0 && value.every(isTensor)) return value.flatMap(read);
    if (JSON.stringify(value).includes('"__keras_tensor__"')) throw problems.callArguments(layer, excerpt(value));
    return [{ constant: value }];
  };
  const args = field(node, 'args');
  return argumentsOf(isArray(args) ? args : [], field(node, 'kwargs'), read);
}

/** `[layer, node, tensor, kwargs]`, a list of them, or `["_CONSTANT_VALUE", -1, value, kwargs]`. */
function earlierCall(node: Json, refs: TensorRef[], layer: string): Arguments {
  const list = isArray(node) && !isReference(node) ? node : [node];
  const read = (value: Json): Argument[] => {
    if (isArray(value) && value[0] === '_CONSTANT_VALUE') return [{ constant: value[2] ?? null }];
    if (isReference(value)) return [{ tensor: refs.push(reference(value, `Layer "${layer}"`)) - 1 }];
    return [{ constant: value }];
  };
  const [first] = list;
  return argumentsOf(list, isArray(first) ? first[3] : undefined, read);
}
