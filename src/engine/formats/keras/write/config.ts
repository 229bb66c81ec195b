/**
 * A Model as the config.json of a `.keras` archive (keras/src/saving/serialization_lib.py, keras/src/models/functional.py): a Sequential
 * where the graph is a chain, else a Functional with `__keras_tensor__` arguments. Nested models stay unfolded, with their path in the names
 * of their layers: that is how the studio holds them, and the sum of the parts computes the same.
 */
import type { Json, Model, Node, Shape, ValueId } from '../../../model/model.ts';
import { inferShapes } from '../../../model/topology.ts';
import { layerNames } from '../../tfjs-layers/layer-names.ts';
import { inLoadOrder, isChain, placeOf, placesOf, type WrittenLayer, writtenLayers } from '../../tfjs-layers/write-topology.ts';
import { builtWith, recentArguments } from '../attention-calls.ts';
import { inKerasOrder } from './layer-order.ts';
import { spell } from './spelling.ts';

export interface KerasTopology {
  readonly config: Json;
  /** Inputs and layers as Keras counts them when it names the groups of their weights. */
  readonly stored: readonly (Pick<WrittenLayer, 'name' | 'className'> & Partial<WrittenLayer>)[];
}

const object = (module: string, className: string, config: Json, registered: string | null = null) => ({
  module,
  class_name: className,
  config,
  registered_name: registered,
});

/** The topology. Every layer must be sayable (`refuseUnsayable`). */
export function kerasTopology(model: Model): KerasTopology {
  const shapes = inferShapes(model);
  const layers = writtenLayers(model, (node) => spell(node, 3) ?? { className: node.op, config: {} });
  const inputNames = layerNames(model).inputs;
  const inputs = model.inputs.map(({ shape, dtype }, i) => {
    const name = inputNames[i] ?? '';
    return { name, json: object('keras.layers', 'InputLayer', { batch_shape: [null, ...shape], dtype, sparse: false, name }) };
  });
  const write = (layer: WrittenLayer) => ({
    ...object('keras.layers', layer.className, layer.config),
    ...buildConfig(layer.calls[0], shapes),
  });
  const name = model.name.replaceAll('/', '_') || 'model';
  if (isChain(model, layers)) {
    const batchShape = [null, ...(model.inputs[0]?.shape ?? [])];
    const entries = [...inputs.map(({ json }) => json), ...layers.map(write)];
    const config = { name, trainable: true, dtype: 'float32', layers: entries, build_input_shape: batchShape };
    return { config: { ...object('keras', 'Sequential', config), build_config: { input_shape: batchShape } }, stored: layers };
  }
  const order = inKerasOrder(model, layers);
  // Calls are numbered as the loader makes them, which depends on the order in which it meets the layers.
  const met = order.flatMap((entry) => (entry < inputs.length ? [] : [layers[entry - inputs.length] as WrittenLayer]));
  const ordered = inLoadOrder(model, met);
  const places = placesOf(model, inputNames, ordered);
  const tensorOf = (value: ValueId): Json => ({
    class_name: '__keras_tensor__',
    config: {
      shape: [null, ...(shapes.get(value) ?? [])],
      dtype: model.inputs.find((input) => input.value === value)?.dtype ?? 'float32',
      keras_history: [...placeOf(places, value)],
    },
  });
  const call = (node: Node): Json => recentArguments(node, node.inputs.map(tensorOf));
  const next = ordered.values();
  const listed = order.map((entry) => {
    const input = inputs[entry];
    if (input)
      return {
        stored: { name: input.name, className: 'InputLayer' },
        json: { ...input.json, name: input.name, inbound_nodes: [] },
      };
    const layer = next.next().value as WrittenLayer;
    return { stored: layer, json: { ...write(layer), name: layer.name, inbound_nodes: layer.calls.map(call) } };
  });
  const config = {
    name,
    trainable: true,
    layers: listed.map(({ json }) => json),
    input_layers: inputNames.map((input) => [input, 0, 0]),
    output_layers: model.outputs.map((value) => [...placeOf(places, value)]),
  };
  return {
    config: { ...object('keras.src.models.functional', 'Functional', config, 'Functional'), build_config: { input_shape: null } },
    stored: listed.map(({ stored }) => stored),
  };
}

function buildConfig(node: Node | undefined, shapes: ReadonlyMap<ValueId, Shape>): { readonly build_config?: Json } {
  const inputs = (node?.inputs ?? []).map((value): Json => [null, ...(shapes.get(value) ?? [])]);
  const [only = null] = inputs;
  return { build_config: builtWith(node?.op ?? '', inputs) ?? { input_shape: inputs.length === 1 ? only : inputs } };
}
