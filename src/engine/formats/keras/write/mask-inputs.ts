/**
 * A model in Keras' words knows no inputs that mask steps: masks are handed on unseen (masks.ts). Whether Keras would hand a recurrent layer
 * the very mask that it has here is not believed but tried: its input is left out, and the rules by which files are read must put it back.
 */
import { StudioError } from '../../../errors.ts';
import type { Model, Node } from '../../../model/model.ts';
import { type Masks, masked, recurrentKinds } from '../masks.ts';

interface Unmasked {
  readonly model: Model;
  /** Names of the layers that Keras would give another mask, or none. */
  readonly otherwise: ReadonlySet<string>;
}

/** The model without inputs that only mask. */
export function withoutMaskInputs(model: Model): Unmasked {
  const masks: Masks = new Map();
  const otherwise = new Set<string>();
  const nodes = model.nodes.map((node) => {
    const plain = withoutMask(node);
    if (!sameMask(node, remade(plain, masks))) otherwise.add(node.name);
    return plain;
  });
  return { model: { ...model, nodes }, otherwise };
}

function withoutMask(node: Node): Node {
  if (!recurrentKinds.has(node.op) || node.inputs.length < 2) return node;
  return { ...node, inputs: node.inputs.slice(0, 1), attrs: { ...node.attrs, maskValue: 0 } };
}

/** The node as it would be read; undefined where it would be refused. */
function remade(plain: Node, masks: Masks): Node | undefined {
  try {
    return masked(plain, masks);
  } catch (error) {
    if (error instanceof StudioError) return undefined;
    throw error;
  }
}

const sameMask = (node: Node, again: Node | undefined): boolean =>
  again !== undefined && node.inputs.join() === again.inputs.join() && node.attrs.maskValue === again.attrs.maskValue;

/**
 * True where a mask is made of what a layer with weights gives out and the graph is no chain: Keras 3 has comparisons in its graph there, by
 * which it would count layers in another order.
 */
export function comparesWithin({ nodes, inputs }: Model, isChain: boolean): boolean {
  const given = new Set(inputs.map(({ value }) => value));
  return (
    !isChain && nodes.some((node) => recurrentKinds.has(node.op) && node.inputs[1] !== undefined && !given.has(node.inputs[1]))
  );
}
