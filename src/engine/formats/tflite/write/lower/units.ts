/**
 * Which layers become one operator: a convolution or dense layer with the BatchNormalization and the rectifier behind it, other rectified
 * operators with their rectifier, and convolutions with zeros around their input where those are what padding `SAME` adds. Layers that do
 * nothing after training vanish. What is fused is what has no grid of its own (model/activation-groups.ts).
 */
import { fusedValues, vanishes } from '../../../../model/activation-groups.ts';
import type { Model, Node, Shape, ValueId } from '../../../../model/model.ts';
import { consumersOf } from '../../../../model/topology.ts';
import type { Fused, Pair } from '../options.ts';

export interface Unit {
  readonly node: Node;
  /** Values it reads: those of `node`, or of the padding that it takes along. */
  readonly inputs: readonly ValueId[];
  readonly norm: Node | null;
  readonly fused: Fused;
  /** True for a convolution without padding that is written as one with padding `SAME`. */
  readonly padsItself: boolean;
  /** What it makes, once all is fused. */
  readonly output: ValueId;
}

/** The rectifier as an operator's own activation. */
function fusedOf({ attrs }: Node): Fused {
  const word = attrs.activation ?? (attrs.maxValue === 6 ? 'relu6' : 'relu');
  return word === 'relu6' ? 'RELU6' : word === 'relu' ? 'RELU' : 'NONE';
}

/** The units of a staged model in the order in which they run; the values of vanished layers stand for what they were given. */
export function unitsOf(
  model: Model,
  shapes: ReadonlyMap<ValueId, Shape>,
): { readonly units: readonly Unit[]; readonly alias: ReadonlyMap<ValueId, ValueId> } {
  const fused = fusedValues(model);
  const merged = mergedPaddings(model, shapes);
  const open = new Map<ValueId, Unit>();
  const alias = new Map<ValueId, ValueId>();
  const units: Unit[] = [];
  for (const node of model.nodes) {
    const [input = ''] = node.inputs;
    const [output = ''] = node.outputs;
    if (merged.paddings.has(node)) continue;
    const begun = open.get(input);
    if (begun === undefined && vanishes(node)) {
      alias.set(output, input);
      continue;
    }
    const unit = begun === undefined ? started(node, merged.readers.get(node)) : grown(begun, node);
    if (fused.has(output)) open.set(output, unit);
    else units.push(unit);
  }
  return { units, alias };
}

/** The activation that a layer's operator applies before anything is fused into it. */
export function ownActivation(node: Node): Fused {
  return node.op === 'Activation' || node.op === 'ReLU' || node.attrs.activation === undefined ? 'NONE' : fusedOf(node);
}

function started(node: Node, padding: Node | undefined): Unit {
  const inputs = padding?.inputs ?? node.inputs;
  return {
    node,
    inputs,
    norm: null,
    fused: ownActivation(node),
    padsItself: padding !== undefined,
    output: node.outputs[0] ?? '',
  };
}

function grown(unit: Unit, node: Node): Unit {
  const output = node.outputs[0] ?? '';
  if (vanishes(node)) return { ...unit, output };
  if (node.op === 'BatchNormalization') return { ...unit, norm: node, output };
  return { ...unit, fused: fusedOf(node), output };
}

/** Paddings whose only reader is a convolution that adds the same zeros with padding `SAME`. */
function mergedPaddings(model: Model, shapes: ReadonlyMap<ValueId, Shape>) {
  const consumers = consumersOf(model);
  const paddings = new Set<Node>();
  const readers = new Map<Node, Node>();
  for (const node of model.nodes) {
    const [output = ''] = node.outputs;
    if (node.op !== 'ZeroPadding2D' || model.outputs.includes(output)) continue;
    const [reader, ...others] = consumers.get(output) ?? [];
    if (reader === undefined || others.length > 0 || !padsAlike(node, reader, shapes.get(node.inputs[0] ?? '') ?? [])) continue;
    paddings.add(node);
    readers.set(reader, node);
  }
  return { paddings, readers };
}

/** Whether `SAME` gives the convolution the zeros that the layer before it gives; zeros behind the last window do not matter. */
function padsAlike(padding: Node, { op, attrs }: Node, input: Shape): boolean {
  if ((op !== 'Conv2D' && op !== 'DepthwiseConv2D') || attrs.padding !== 'valid') return false;
  const sides = padding.attrs.padding as readonly [Pair, Pair];
  return [0, 1].every((axis) => {
    const [kernel, stride, dilation] = [attrs.kernelSize, attrs.strides, attrs.dilation].map((pair) => (pair as Pair)[axis] ?? 1);
    const size = input[axis] ?? null;
    if (kernel === undefined || stride === undefined || dilation === undefined || size === null) return false;
    const [before = 0, after = 0] = sides[axis] ?? [];
    const reach = (kernel - 1) * dilation + 1;
    const windows = Math.floor((size + before + after - reach) / stride) + 1;
    const same = Math.ceil(size / stride);
    const added = Math.max((same - 1) * stride + reach - size, 0);
    return windows === same && before === Math.floor(added / 2);
  });
}
