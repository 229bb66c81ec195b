/**
 * A Model as the Keras 2 `model_config` that stock TF.js rebuilds: a Sequential where the graph is a plain chain, else a
 * functional `Model` (the class name that every TF.js version registers) with `inbound_nodes`. Nodes with the same op,
 * configuration and weights are calls of one shared layer, which is written once.
 */
import { StudioError } from '../../errors.ts';
import type { Json, Model, Node, ValueId, WeightId } from '../../model/model.ts';
import { opOf } from '../../model/ops/index.ts';
import { earlierArguments } from '../keras/attention-calls.ts';
import { layerNames } from './layer-names.ts';

export interface WrittenLayer {
  readonly name: string;
  readonly className: string;
  readonly config: { readonly [key: string]: Json };
  /** The nodes that call this layer, in the order in which the loader makes the calls. */
  readonly calls: readonly Node[];
  /** Stored tensors in `get_weights` order. */
  readonly weights: readonly { readonly role: string; readonly id: WeightId }[];
}

type Place = readonly [layer: string, call: number, tensor: number];

type Say = (node: Node) => { readonly className: string; readonly config: WrittenLayer['config'] };

/** The layers of a model as they are written, inputs left out; in the words of TF.js unless told otherwise. */
export function writtenLayers(model: Model, say: Say = (node) => opOf(node.op).write(node.attrs)): WrittenLayer[] {
  const names = layerNames(model).nodes;
  const layers = new Map<string, WrittenLayer & { readonly calls: Node[] }>();
  for (const node of model.nodes) {
    const { className, config } = say(node);
    const ids = Object.entries(node.weights).map(([role, id]) => ({ role, id }));
    const key = ids.length > 0 ? JSON.stringify([className, config, ids]) : node.name;
    const known = layers.get(key);
    if (known) {
      known.calls.push(node);
      continue;
    }
    const name = names.get(node.name) ?? node.name;
    layers.set(key, {
      name,
      className,
      config: { name, trainable: true, dtype: 'float32', ...config },
      calls: [node],
      weights: ids,
    });
  }
  return [...layers.values()];
}

/** The `model_config` of model.json: `{ class_name, config }`. */
export function modelConfig(model: Model, layers: readonly WrittenLayer[]): Json {
  const inputNames = layerNames(model).inputs;
  const inputs = model.inputs.map((input, i) => ({
    class_name: 'InputLayer',
    config: { batch_input_shape: [null, ...input.shape], dtype: input.dtype, sparse: false, name: inputNames[i] ?? input.name },
  }));
  if (isChain(model, layers)) {
    const written = layers.map(({ className, config }) => ({ class_name: className, config }));
    return { class_name: 'Sequential', config: { name: model.name, layers: [...inputs, ...written] } };
  }
  const ordered = inLoadOrder(model, layers);
  const places = placesOf(model, inputNames, ordered);
  const inputPlaces = inputNames.map((name): Place => [name, 0, 0]);
  const written = [
    ...inputs.map((input) => ({ ...input, name: input.config.name, inbound_nodes: [] })),
    ...ordered.map((layer) => ({
      class_name: layer.className,
      config: layer.config,
      name: layer.name,
      inbound_nodes: layer.calls.map((node) =>
        earlierArguments(
          node,
          node.inputs.map((value) => placeOf(places, value)),
        ),
      ),
    })),
  ];
  const outputPlaces = model.outputs.map((value) => placeOf(places, value));
  const config = { name: model.name, layers: written, input_layers: inputPlaces, output_layers: outputPlaces };
  return { class_name: 'Model', config };
}

/** True where the model is its layers one behind the other, which a Sequential says. */
export function isChain(model: Model, layers: readonly WrittenLayer[]): boolean {
  if (model.inputs.length !== 1 || model.outputs.length !== 1 || layers.length === 0) return false;
  let value = model.inputs[0]?.value;
  for (const { calls } of layers) {
    const [node] = calls;
    if (calls.length !== 1 || node?.inputs.length !== 1 || node.outputs.length !== 1 || node.inputs[0] !== value) return false;
    value = node.outputs[0];
  }
  return value === model.outputs[0];
}

/** Where each value is made: a layer, its call and the output of it. */
export function placesOf(model: Model, inputNames: readonly string[], layers: readonly WrittenLayer[]): Map<ValueId, Place> {
  const places = new Map<ValueId, Place>();
  model.inputs.forEach((input, i) => {
    places.set(input.value, [inputNames[i] ?? input.name, 0, 0]);
  });
  for (const { name, calls } of layers) {
    calls.forEach((node, call) => {
      node.outputs.forEach((value, tensor) => {
        places.set(value, [name, call, tensor]);
      });
    });
  }
  return places;
}

/** The place of a value. Throws EXPORT_GRAPH where nothing makes it. */
export function placeOf(places: ReadonlyMap<ValueId, Place>, value: ValueId): Place {
  const place = places.get(value);
  if (place) return place;
  throw new StudioError({
    code: 'EXPORT_GRAPH',
    title: 'This model can not be written.',
    detail: `Nothing in the model makes the value "${value}" that a later layer needs.`,
    hint: 'Open the original file again and repeat the recipe.',
    context: { value },
  });
}

/**
 * Calls of shared layers are numbered in the order in which the loader makes them: it walks the layers again and again and makes
 * every call whose inputs exist. Numbered so, "the layer has more than k calls" says what the loader takes it to say: call k exists.
 */
export function inLoadOrder(model: Model, layers: readonly WrittenLayer[]): WrittenLayer[] {
  const made = new Set(model.inputs.map((input) => input.value));
  const calls = layers.map((): Node[] => []);
  let waiting = layers.map((layer) => layer.calls);
  for (let before = -1; before !== made.size; ) {
    before = made.size;
    waiting = waiting.map((nodes, i) =>
      nodes.filter((node) => {
        if (!node.inputs.every((value) => made.has(value))) return true;
        for (const value of node.outputs) made.add(value);
        calls[i]?.push(node);
        return false;
      }),
    );
  }
  return layers.map((layer, i) => ({ ...layer, calls: calls[i] ?? [] }));
}
