/**
 * Masks as Keras 3 writes them in functional models: the comparisons that a Masking layer or an Embedding makes (`NotEqual`, `Any`) stand among
 * the layers, and whoever heeds a mask is called with the result as an argument. They are read as what they say, so that masks.ts can tell
 * whether that is the mask which layers hand on anyway, and left out where nothing else reads them.
 */
import type { Json } from '../../model/model.ts';
import { field, isArray, isObject, type JsonObject } from '../json.ts';
import { isTensor, reference, type TensorRef } from './connections.ts';

/** Steps of `source` that hold nothing but `value` are masked. */
export interface MaskCall {
  readonly source: TensorRef;
  readonly value: number;
}

/** By layer and call: `not_equal 0`. */
export type MaskCalls = ReadonlyMap<string, MaskCall>;

const keyOf = ({ layer, node }: TensorRef): string => `${layer} ${node}`;

function tensorRef(json: Json | undefined): TensorRef | undefined {
  if (!isTensor(json)) return undefined;
  const config = field(json, 'config');
  const triple = isObject(config) ? field(config, 'keras_history') : undefined;
  return isArray(triple) ? reference(triple, 'A mask') : undefined;
}

const calls = (entry: JsonObject): readonly JsonObject[] => {
  const nodes = field(entry, 'inbound_nodes');
  return isArray(nodes) ? nodes.filter(isObject) : [];
};

/** The comparisons among the layers of a model. */
export function maskCalls(entries: readonly Json[]): MaskCalls {
  const found = new Map<string, MaskCall>();
  for (const entry of entries.filter(isObject)) {
    const [className, config] = [field(entry, 'class_name'), field(entry, 'config')];
    const layer = isObject(config) ? field(config, 'name') : undefined;
    if (typeof layer !== 'string' || !isObject(config)) continue;
    calls(entry).forEach((call, node) => {
      const args = field(call, 'args');
      const [first, second] = isArray(args) ? args : [];
      const ref = tensorRef(first);
      if (ref === undefined) return;
      const key = keyOf({ layer, node, tensor: 0 });
      if (className === 'NotEqual' && typeof second === 'number') found.set(key, { source: ref, value: second });
      const compared = found.get(keyOf(ref));
      const overFeatures = field(config, 'axis') === -1 && field(config, 'keepdims') !== true;
      if (className === 'Any' && compared !== undefined && overFeatures) found.set(key, compared);
    });
  }
  return found;
}

/** The mask that an argument of a call is; undefined where it is none that Keras made by itself. */
export function maskOf(argument: Json | undefined, known: MaskCalls): MaskCall | undefined {
  const ref = tensorRef(argument);
  return ref === undefined ? undefined : known.get(keyOf(ref));
}

/** The masks that each call of a layer is given. */
export function masksOfCalls(entry: JsonObject, known: MaskCalls): (MaskCall | undefined)[] {
  return calls(entry).map((call) => {
    const kwargs = field(call, 'kwargs');
    return isObject(kwargs) ? maskOf(field(kwargs, 'mask'), known) : undefined;
  });
}

/** The layers without comparisons whose outcome only masks. */
export function withoutMaskCalls<L extends { readonly name: string; readonly calls: readonly (readonly TensorRef[])[] }>(
  layers: readonly L[],
  outputs: readonly TensorRef[],
  known: MaskCalls,
): L[] {
  const comparing = new Set([...known.keys()].map((key) => key.slice(0, key.lastIndexOf(' '))));
  const others = layers.filter(({ name }) => !comparing.has(name));
  const read = new Set([...others.flatMap(({ calls: refs }) => refs.flat()), ...outputs].map(({ layer }) => layer));
  return layers.filter(({ name }) => !comparing.has(name) || read.has(name));
}
