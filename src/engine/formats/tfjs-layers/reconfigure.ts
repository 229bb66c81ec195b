/**
 * New nodes for a rewritten graph. Attributes are made by the ops themselves, from Keras configurations, so that a rewrite
 * depends on Keras' vocabulary and not on how an op keeps its parameters.
 */
import type { Attrs, Json, Node, ValueId, WeightId } from '../../model/model.ts';
import type { KerasConfig } from '../../model/op.ts';
import { opOf } from '../../model/ops/index.ts';

/** A node's Keras 2 configuration. */
export function configOf(node: Node): KerasConfig {
  return opOf(node.op).write(node.attrs).config;
}

/** The attributes of a node with some of its Keras configuration changed. */
export function reconfigured(node: Node, changes: { readonly [key: string]: Json }): Attrs {
  const op = opOf(node.op);
  const { className, config } = op.write(node.attrs);
  return op.read({ ...config, ...changes }, { layer: node.name, className, keras: 2 });
}

/** A node of kind `op` made from a Keras 2 configuration. */
export function newNode(
  op: string,
  config: KerasConfig,
  wiring: { name: string; inputs: readonly ValueId[]; outputs: readonly ValueId[]; weights?: Readonly<Record<string, WeightId>> },
): Node {
  const { name, inputs, outputs, weights = {} } = wiring;
  return {
    name,
    op,
    attrs: opOf(op).read({ name, ...config }, { layer: name, className: op, keras: 2 }),
    inputs,
    outputs,
    weights,
  };
}

/** Names for new nodes: the wish, or the wish with a number where a node has it already. */
export function createNamer(nodes: readonly Node[]): (wish: string) => string {
  const taken = new Set(nodes.map((node) => node.name));
  return (wish) => {
    let name = wish;
    for (let count = 1; taken.has(name); count++) name = `${wish}_${count}`;
    taken.add(name);
    return name;
  };
}
