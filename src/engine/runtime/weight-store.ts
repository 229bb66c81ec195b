/**
 * The tensors of a model's weights on one backend: uploaded once, exchanged where their arrays changed. A weight that several nodes
 * share is one tensor; what an op prepares for the WASM backend takes the place of its weights.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Model, Node, Weight } from '../model/model.ts';
import type { PreparedTensor } from '../model/op.ts';
import { opOf } from '../model/ops/index.ts';

interface Uploaded {
  /** The arrays it was made from: as long as they are the same, so is the tensor. */
  readonly sources: readonly Float32Array[];
  readonly tensors: Readonly<Record<string, tf.Tensor>>;
}

function weightsOf(model: Model, node: Node): Record<string, Weight> {
  const named = Object.entries(node.weights).map(([role, id]): [string, Weight] => {
    const weight = model.weights.get(id);
    if (weight === undefined) throw new Error(`The weight "${id}" is missing.`);
    return [role, weight];
  });
  return Object.fromEntries(named);
}

const upload = ({ values, shape }: PreparedTensor): tf.Tensor => tf.tensor(values, [...shape], 'float32');

/** An empty store; the caller disposes it. */
export function createWeightStore(backend: string) {
  const store = new Map<string, Uploaded>();
  const keep = (key: string, sources: readonly Float32Array[], make: () => Record<string, tf.Tensor>): Uploaded['tensors'] => {
    const current = store.get(key);
    if (current?.sources.every((source, index) => source === sources[index])) return current.tensors;
    const tensors = make();
    if (current !== undefined) tf.dispose(Object.values(current.tensors));
    store.set(key, { sources, tensors });
    return tensors;
  };
  const tensorsOf = (model: Model, node: Node): Record<string, tf.Tensor> => {
    const weights = weightsOf(model, node);
    const prepared = backend === 'wasm' ? opOf(node.op).prepare?.(node.attrs, weights) : undefined;
    if (prepared !== undefined) {
      const sources = Object.values(weights).map(({ values }) => values);
      const make = () => Object.fromEntries(Object.entries(prepared).map(([role, tensor]) => [role, upload(tensor)]));
      return keep(`node ${node.outputs[0]}`, sources, make);
    }
    const roles = Object.entries(weights).map(([role, weight]): [string, tf.Tensor | undefined] => {
      const { tensor } = keep(`weight ${node.weights[role]}`, [weight.values], () => ({ tensor: upload(weight) }));
      return [role, tensor];
    });
    return Object.fromEntries(roles) as Record<string, tf.Tensor>;
  };
  const all = (): tf.Tensor[] => [...store.values()].flatMap(({ tensors }) => Object.values(tensors));
  return {
    tensorsOf,
    bytes: (): number => all().reduce((sum, { size }) => sum + 4 * size, 0),
    dispose(): void {
      tf.dispose(all());
      store.clear();
    },
  };
}
