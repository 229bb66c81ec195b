/** What goes into a graph and what comes out of it: by the signature that the converter wrote, else by the graph itself. */
import type { ModelInput } from '../../model/model.ts';
import { field, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import { attributesOf, shapeOf, typeName } from './attributes.ts';
import { type GraphNode, type GraphValue, valueNamed } from './nodes.ts';
import type { Size } from './shapes.ts';

export interface Ports {
  /** Without batch; in the order of `feeds`. */
  readonly inputs: readonly ModelInput[];
  /** With batch, by name of the placeholder. */
  readonly shapes: ReadonlyMap<string, readonly Size[]>;
  readonly feeds: readonly string[];
  readonly outputs: readonly GraphValue[];
  readonly fetches: readonly string[];
  readonly batch: number | null;
}

/** Throws FORMAT_GRAPH_INPUT, FORMAT_GRAPH_OUTPUT, by name. */
export function portsOf(json: JsonObject, nodes: readonly GraphNode[], path: string): Ports {
  if (isObject(field(json, 'modelInitializer'))) {
    throw problems.structure(`"${path}"`, 'it has an initializer graph, which fills tables before the model runs');
  }
  const signature = signatureOf(json);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const signed = entriesOf(signature, 'inputs');
  const placeholders = nodes.filter(({ op }) => op === 'Placeholder');
  const order = [...new Set(signed.map(({ value }) => value.node))].filter((name) => byName.get(name)?.op === 'Placeholder');
  const feeding = [...placeholders].sort((a, b) => rank(order, a.name) - rank(order, b.name));
  if (feeding.length === 0) throw problems.graphInput('', 'It has no placeholder, so that it always gives the same');
  const read = feeding.map((node) => readInput(node, signed.find(({ value }) => value.node === node.name)?.info));
  const batches = new Set(read.map(({ shape }) => shape[0] as Size));
  if (batches.size > 1) throw problems.graphInput(feeding[0]?.name ?? '', 'The inputs take batches of different sizes');
  const [batch = null] = batches;
  const outputs = outputsOf(signature, nodes, byName);
  return {
    inputs: read.map(({ input }) => input),
    shapes: new Map(read.map(({ input, shape }) => [input.name, shape])),
    feeds: feeding.map(({ name }) => name),
    outputs,
    fetches: outputs.map(({ node, index }) => `${node}:${index}`),
    batch,
  };
}

const rank = (order: readonly string[], name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);

function signatureOf(json: JsonObject): JsonObject {
  const meta = field(json, 'userDefinedMetadata');
  const found = field(json, 'signature') ?? (isObject(meta) ? field(meta, 'signature') : undefined);
  return isObject(found) ? found : {};
}

function entriesOf(signature: JsonObject, key: 'inputs' | 'outputs') {
  const entries = field(signature, key);
  if (!isObject(entries)) return [];
  return Object.entries(entries).flatMap(([key, info]) => {
    if (!isObject(info)) return [];
    const name = field(info, 'name');
    return [{ value: valueNamed(typeof name === 'string' ? name : key), info }];
  });
}

const numeric: ReadonlySet<string> = new Set(['DT_FLOAT', 'DT_INT32', 'DT_INT64', 'DT_UINT8']);

function readInput({ name, attr }: GraphNode, info: JsonObject | undefined) {
  const attributes = attributesOf(attr);
  const type = attributes.type('dtype') || typeName(field(info ?? {}, 'dtype'));
  if (!numeric.has(type)) throw problems.graphInput(name, `Its type is ${type || 'unknown'}; float32 and int32 can be fed`);
  const shape = attributes.shape('shape') ?? shapeOf(field(info ?? {}, 'tensorShape'));
  if (shape === undefined) throw problems.graphInput(name, 'The file does not say how many dimensions it has');
  if (shape.length === 0) throw problems.graphInput(name, 'It is a single number without a batch');
  if (shape.includes(0)) throw problems.graphInput(name, `A size of [${shape.join(', ')}] is 0`);
  const dtype = type === 'DT_FLOAT' ? ('float32' as const) : ('int32' as const);
  return { input: { value: name, name, shape: shape.slice(1), dtype }, shape };
}

function outputsOf(
  signature: JsonObject,
  nodes: readonly GraphNode[],
  byName: ReadonlyMap<string, GraphNode>,
): readonly GraphValue[] {
  const signed = entriesOf(signature, 'outputs').map(({ value }) => value);
  for (const { node } of signed) {
    if (!byName.has(node)) throw problems.graphOutput(node, 'The signature names it, but no node is called so');
  }
  if (signed.length > 0) return signed;
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const ends = nodes.filter(({ name, op }) => !read.has(name) && op !== 'Const' && op !== 'NoOp' && op !== 'Placeholder');
  return ends.map(({ name }) => ({ node: name, index: 0 }));
}
