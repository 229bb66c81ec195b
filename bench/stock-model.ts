/**
 * Builds the stock TF.js LayersModel of a Model from what its ops write, weights included: the judge that tests and benchmarks
 * compare our executor with. It loads the topology the way `tf.loadLayersModel` does, but shares no code with the exporter.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { type Model, type Node, weightOf } from '../src/engine/model/model.ts';
import { opOf } from '../src/engine/model/ops/index.ts';
import { inferShapes } from '../src/engine/model/topology.ts';

function stockLayer(node: Node, producers: ReadonlyMap<string, string>): object {
  const { className, config } = opOf(node.op).write(node.attrs);
  return {
    class_name: className,
    name: node.name,
    config: { ...config, name: node.name },
    inbound_nodes: [node.inputs.map((id) => [producers.get(id), 0, 0, {}])],
  };
}

/** The functional Keras 2 topology of a model. */
function stockTopology(model: Model): object {
  const producers = new Map(model.inputs.map((input) => [input.value, input.name]));
  for (const node of model.nodes) for (const id of node.outputs) producers.set(id, node.name);
  const inputLayers = model.inputs.map((input) => ({
    class_name: 'InputLayer',
    name: input.name,
    config: { name: input.name, batch_input_shape: [null, ...input.shape], dtype: input.dtype, sparse: false },
    inbound_nodes: [],
  }));
  return {
    class_name: 'Functional',
    config: {
      name: model.name,
      layers: [...inputLayers, ...model.nodes.map((node) => stockLayer(node, producers))],
      input_layers: model.inputs.map((input) => [input.name, 0, 0]),
      output_layers: model.outputs.map((id) => [producers.get(id), 0, 0]),
    },
  };
}

/** The LayersModel that stock TF.js makes of a model; the caller disposes it. */
export async function stockModel(model: Model): Promise<LayersModel> {
  const stock = await loadLayersModel(tf.io.fromMemory({ modelTopology: stockTopology(model) }));
  const shapes = inferShapes(model);
  for (const node of model.nodes) {
    const slots = opOf(node.op).slots(
      node.attrs,
      node.inputs.map((id) => shapes.get(id) ?? []),
    );
    const tensors = slots.map((slot) => tf.tensor(weightOf(model, node, slot.role)?.values ?? [], [...slot.shape]));
    stock.getLayer(node.name).setWeights(tensors);
    tf.dispose(tensors);
  }
  return stock;
}
