/**
 * A graph as the nodes of a model: operators in their order, each with the float constants that it reads. What only computes sizes is
 * left out, and so are nodes that hand constants on.
 */
import { elementCount, type Model, type Node, type ValueId, type Weight, type WeightId } from '../../model/model.ts';
import { type GraphOperatorAttrs, graphPrefix } from '../../model/ops/graph-operator.ts';
import { problems } from '../problems.ts';
import type { StoredWeights } from '../tfjs-layers/weights.ts';
import { attributesOf } from './attributes.ts';
import { slotOf } from './constants.ts';
import { constantOf, type GraphNode, type GraphValue } from './nodes.ts';
import type { Ports } from './ports.ts';
import { inferNode, type Known, mostNumbers, transposesSecond } from './shapes.ts';

type Weights = ReadonlyMap<WeightId, Weight>;

/** Throws FORMAT_WEIGHT_MISSING, FORMAT_GRAPH_OUTPUT, by name. */
export function viewOf(
  nodes: readonly GraphNode[],
  ports: Ports,
  weights: Weights,
  stored: StoredWeights,
): Pick<Model, 'inputs' | 'nodes' | 'outputs'> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const known = new Map<string, Known>();
  const integers = new Map(stored.others.map((tensor) => [tensor.name, tensor]));
  /** Names of the values that depend on what is fed and carry it, not only its shape. */
  const fed = new Set<string>(ports.feeds);
  const shown = new Set<string>(ports.feeds);
  const result: Node[] = [];
  for (const node of nodes) {
    if (node.op === 'Const') {
      if (!weights.has(node.name) && !integers.has(node.name)) throw problems.weightMissing(node.name, ['its values'], []);
      known.set(node.name, constantKnown(node.name, weights, stored));
      continue;
    }
    if (node.op === 'Placeholder') {
      known.set(node.name, { shape: ports.shapes.get(node.name) });
      continue;
    }
    const inputs = node.inputs.map((value) => (value.index === 0 ? (known.get(value.node) ?? {}) : spread(known, value, byName)));
    known.set(node.name, inferNode(node, inputs));
    const carries = !sizesOnly.has(node.op) && node.inputs.some(({ node: source }) => fed.has(source));
    if (carries) fed.add(node.name);
    const constants = constantOf({ node: node.name, index: 0 }, byName) === undefined ? floatsOf(node, byName, weights) : [];
    if (!carries && !constants.some(({ slot }) => slot.kind === 'kernel')) continue;
    shown.add(node.name);
    const attrs: GraphOperatorAttrs = {
      shape: shapeOf(known.get(node.name), carries),
      macs: macsOf(node, inputs, known.get(node.name), carries),
      slots: constants.map(({ slot }) => slot),
    };
    result.push({
      name: node.name,
      op: graphPrefix + node.op,
      attrs,
      inputs: node.inputs.filter(({ node: source }) => shown.has(source)).map(idOf),
      outputs: [node.name],
      weights: Object.fromEntries(constants.map(({ slot, id }) => [slot.role, id])),
    });
  }
  for (const { node } of ports.outputs) {
    if (!fed.has(node)) throw problems.graphOutput(node, 'It does not depend on what is fed');
  }
  return { inputs: ports.inputs, nodes: withOutputs(result, ports), outputs: ports.outputs.map(idOf) };
}

const sizesOnly: ReadonlySet<string> = new Set(['Shape', 'ShapeN', 'Size', 'Rank']);
const idOf = ({ node, index }: GraphValue): ValueId => (index === 0 ? node : `${node}:${index}`);

/** Every value of a node that is read or comes out. */
function withOutputs(nodes: readonly Node[], ports: Ports): Node[] {
  const used = new Set([...nodes.flatMap(({ inputs }) => inputs), ...ports.outputs.map(idOf)]);
  const others = new Map<string, ValueId[]>();
  for (const id of used) {
    const [, node] = /^(.*):\d+$/s.exec(id) ?? [];
    if (node !== undefined) others.set(node, [...(others.get(node) ?? []), id]);
  }
  return nodes.map((node) => ({ ...node, outputs: [node.name, ...(others.get(node.name) ?? [])] }));
}

/** Values beside the first are alike only where a tensor is cut into equal parts. */
function spread(known: ReadonlyMap<string, Known>, value: GraphValue, byName: ReadonlyMap<string, GraphNode>): Known {
  return byName.get(value.node)?.op === 'Split' ? (known.get(value.node) ?? {}) : {};
}

function constantKnown(name: string, weights: Weights, { others }: StoredWeights): Known {
  const weight = weights.get(name);
  if (weight !== undefined) return { shape: weight.shape };
  const tensor = others.find((other) => other.name === name);
  if (tensor === undefined) return {};
  const { shape } = tensor;
  const plain = tensor.storage === 'int32' && elementCount(shape) <= mostNumbers;
  return { shape, ...(plain && { numbers: [...new Int32Array(tensor.bytes().buffer)] }) };
}

function floatsOf(node: GraphNode, byName: ReadonlyMap<string, GraphNode>, weights: Weights) {
  const attr = attributesOf(node.attr);
  const roles = new Set<string>();
  return node.inputs.flatMap((value, index) => {
    const id = constantOf(value, byName)?.name;
    const weight = id === undefined ? undefined : weights.get(id);
    if (id === undefined || weight === undefined) return [];
    const slot = slotOf(node.op, attr, index, weight.shape);
    const role = roles.has(slot.role) ? `${slot.role}_${index}` : slot.role;
    roles.add(role);
    return [{ id, slot: { ...slot, role } }];
  });
}

function shapeOf(known: Known | undefined, carries: boolean): readonly (number | null)[] {
  const shape = known?.shape;
  if (shape === undefined) return [null];
  return carries ? shape.slice(1) : shape;
}

const spatial = /^(_Fused|FusedD|D)?(Conv[123]D|epthwiseConv2d(Native)?)$/;
const product = /^(_Fused|Batch)?MatMul(V2)?$/;

/** Places times the size of the kernel; null where a size is not known. */
function macsOf({ op, attr }: GraphNode, inputs: readonly Known[], output: Known | undefined, carries: boolean): number | null {
  const [isConvolution, isProduct] = [spatial.test(op), product.test(op)];
  if (!isConvolution && !isProduct) return op === 'Conv2DBackpropInput' || op === 'Einsum' ? null : 0;
  const [out, kernel] = [output?.shape, inputs[1]?.shape];
  if (out === undefined || kernel === undefined) return null;
  const sample = carries ? out.slice(1) : out;
  const attributes = attributesOf(attr);
  if (isProduct) {
    const depth = kernel.at(transposesSecond(attributes) ? -1 : -2);
    return finite([...sample, depth ?? null]);
  }
  const places = attributes.text('data_format').startsWith('NC') ? sample.slice(1) : sample.slice(0, -1);
  return finite([...places, ...kernel]);
}

function finite(sizes: readonly (number | null)[]): number | null {
  const count = sizes.reduce<number>((all, size) => all * (size ?? Number.NaN), 1);
  return Number.isFinite(count) ? count : null;
}
