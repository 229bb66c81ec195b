/** The stored tensors of a model with the layer they belong to: shared ones once, under the first node that uses them. */
import type { Model, Node, Shape, Weight, WeightId } from './model/model.ts';
import type { WeightSlot } from './model/op.ts';
import { opOf } from './model/ops/index.ts';
import { inferShapes } from './model/topology.ts';

export interface StoredTensor {
  readonly id: WeightId;
  readonly node: Node;
  /** Shapes of the node's inputs, without batch. */
  readonly inputs: readonly Shape[];
  readonly slot: WeightSlot;
  readonly weight: Weight;
  /** Every node that uses the tensor, the first one included. */
  readonly users: readonly Node[];
}

const known = new WeakMap<Model, readonly StoredTensor[]>();

/** All tensors that nodes use, in the order of the nodes and of their slots. */
export function slotsOf(model: Model): readonly StoredTensor[] {
  const cached = known.get(model);
  if (cached !== undefined) return cached;
  const shapes = inferShapes(model);
  const tensors = new Map<WeightId, StoredTensor & { readonly users: Node[] }>();
  for (const node of model.nodes) {
    const inputs = node.inputs.map((value): Shape => shapes.get(value) ?? []);
    for (const slot of opOf(node.op).slots(node.attrs, inputs)) {
      const id = node.weights[slot.role];
      const weight = id === undefined ? undefined : model.weights.get(id);
      if (id === undefined || weight === undefined) continue;
      const first = tensors.get(id);
      if (first === undefined) tensors.set(id, { id, node, inputs, slot, weight, users: [node] });
      else first.users.push(node);
    }
  }
  const stored = [...tensors.values()];
  known.set(model, stored);
  return stored;
}
