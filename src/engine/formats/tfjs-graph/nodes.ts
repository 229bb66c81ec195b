/** The nodes of a TensorFlow GraphDef, checked and in an order in which they can run (tensorflow/core/framework/node_def.proto). */
import { arrayField, excerpt, field, isArray, isObject, type JsonObject, textField } from '../json.ts';
import { problems } from '../problems.ts';
import { aliases, operatorKind, randomOperators } from './operators.ts';

/** One of the values that a node makes. */
export interface GraphValue {
  readonly node: string;
  readonly index: number;
}

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** What it reads, in order; what it only waits for is left out. */
  readonly inputs: readonly GraphValue[];
  readonly waitsFor: readonly string[];
  readonly attr: JsonObject;
}

/** `name:1` as a value; the first where no number is given. */
export function valueNamed(text: string): GraphValue {
  const [, node = text, index = '0'] = /^(.*):(\d{1,6})$/s.exec(text) ?? [];
  return { node, index: Number(index) };
}

/** The nodes in topological order. Throws FORMAT_STRUCTURE, FORMAT_KERAS_CYCLE, FORMAT_GRAPH_OPERATOR. */
export function readNodes(topology: JsonObject, path: string): readonly GraphNode[] {
  const nodes = arrayField(topology, 'node', `"${path}"`).map((json) => {
    if (!isObject(json)) throw problems.structure(`"${path}"`, `a node should be an object and is ${excerpt(json)}`);
    return readNode(json, path);
  });
  const byName = new Map(nodes.map((node) => [node.name, node]));
  if (byName.size < nodes.length) throw problems.structure(`"${path}"`, 'two nodes have the same name');
  for (const { name, op, inputs, waitsFor } of nodes) {
    requireOperator(name, op);
    for (const other of [...inputs.map(({ node }) => node), ...waitsFor]) {
      if (!byName.has(other)) throw problems.structure(`The node "${name}"`, `it reads "${other}", which is not in the graph`);
    }
  }
  return inOrder(nodes, path);
}

function readNode(json: JsonObject, path: string): GraphNode {
  const name = textField(json, 'name', `"${path}"`);
  // TF.js keeps tensors in plain objects by name.
  if (name === '' || name in {}) throw problems.structure(`"${path}"`, `a node is called ${excerpt(name)}`);
  const where = `The node "${name}"`;
  const given = field(json, 'input') ?? [];
  if (!isArray(given) || !given.every((input) => typeof input === 'string')) {
    throw problems.structure(where, `its inputs should be names and are ${excerpt(given)}`);
  }
  const attr = field(json, 'attr') ?? {};
  if (!isObject(attr)) throw problems.structure(where, `its attributes should be an object and are ${excerpt(attr)}`);
  const texts = given as readonly string[];
  return {
    name,
    op: textField(json, 'op', where),
    inputs: texts.filter((text) => !text.startsWith('^')).map(valueNamed),
    waitsFor: texts.filter((text) => text.startsWith('^')).map((text) => text.slice(1)),
    attr,
  };
}

function requireOperator(name: string, op: string): void {
  const kind = operatorKind(op);
  if (kind === undefined) throw problems.graphOperator(name, op, 'unknown');
  if (kind === 'stateful') throw problems.graphOperator(name, op, 'stateful');
  if (randomOperators.has(op)) throw problems.graphOperator(name, op, 'random');
}

/** Kahn's algorithm, in the order of the file where that is free. */
function inOrder(nodes: readonly GraphNode[], path: string): GraphNode[] {
  const readers = new Map<string, GraphNode[]>();
  const waiting = new Map<string, number>();
  const ready: GraphNode[] = [];
  for (const node of nodes) {
    const sources = new Set([...node.inputs.map((input) => input.node), ...node.waitsFor]);
    for (const source of sources) {
      const known = readers.get(source);
      if (known === undefined) readers.set(source, [node]);
      else known.push(node);
    }
    waiting.set(node.name, sources.size);
    if (sources.size === 0) ready.push(node);
  }
  // A list that grows while it is walked: what is ready last runs last.
  for (const { name } of ready) {
    for (const reader of readers.get(name) ?? []) {
      const left = (waiting.get(reader.name) as number) - 1;
      waiting.set(reader.name, left);
      if (left === 0) ready.push(reader);
    }
  }
  if (ready.length === nodes.length) return ready;
  const stuck = nodes.filter(({ name }) => (waiting.get(name) as number) > 0).map(({ name }) => name);
  throw problems.cycle(path, stuck);
}

/** The constant that a value is, through nodes that hand it on; undefined where it is computed. */
export function constantOf(value: GraphValue, byName: ReadonlyMap<string, GraphNode>): GraphNode | undefined {
  let node = byName.get(value.node);
  while (node !== undefined && aliases.has(node.op)) node = byName.get(node.inputs[0]?.node ?? '');
  return node?.op === 'Const' ? node : undefined;
}
