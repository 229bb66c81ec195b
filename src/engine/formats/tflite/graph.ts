/**
 * The model under construction while a .tflite file's operators are read one after the other: which value each tensor is, the layers so
 * far, their weights (each stored tensor once, whoever uses it) and the grids of values. Layers are read by the op registry from the
 * configuration that Keras would have written for them.
 */
import type { StudioError } from '../../errors.ts';
import { type ActivationGrid, gridOfSteps } from '../../model/activation-grid.ts';
import type { Node, Shape, ValueId, Weight, WeightId } from '../../model/model.ts';
import type { KerasConfig } from '../../model/op.ts';
import { opForClass, opOf } from '../../model/ops/index.ts';
import { tflitePrefix } from '../../model/ops/tflite-operator.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import { weightOf } from './constants.ts';
import { alone, createNames, type LayerName, type Names } from './names.ts';
import type { TfliteFile, TfliteTensor } from './parse.ts';
import { refusals } from './refusals.ts';

/** What flows between layers: one sample's shape, behind the batch. */
export interface Flow {
  readonly kind: 'flow';
  readonly id: ValueId;
  readonly shape: Shape;
  /** The file has its first axis before the batch: [time, batch, …]. */
  readonly timeMajor?: boolean;
}

/** What a tensor of the file stands for. */
export type Value =
  | Flow
  | { readonly kind: 'constant'; readonly tensor: TfliteTensor }
  /** One number everywhere, for each sample alike. */
  | { readonly kind: 'uniform'; readonly value: number }
  /** Steps with one more number behind each, which is zero; where there is a `first` step before them, it is stored. */
  | { readonly kind: 'begun'; readonly flow: Flow; readonly first: Float32Array | null }
  /** All steps but the first, which says nothing. */
  | { readonly kind: 'late'; readonly flow: Flow }
  /** Whole numbers made of shapes. What is made with them has its shape stated in the file. */
  | { readonly kind: 'sizes' };

/** A weight in the layout of its layer. */
export interface LaidOut {
  readonly tensor: TfliteTensor;
  /** Names the layout, so that a tensor used twice is stored twice only where its layouts differ. */
  readonly layout: string;
  readonly arrange: (weight: Weight) => Weight;
}

export interface Graph {
  readonly path: string;
  readonly notes: Notes;
  readonly names: Names;
  readonly nodes: Node[];
  readonly weights: Map<WeightId, Weight>;
  readonly grids: Map<ValueId, ActivationGrid>;
  /** The numbers of a constant, and the one that all of them are, or null. */
  constantOf(tensor: TfliteTensor): { readonly weight: Weight; readonly uniform: number | null };
  /** How many operators and outputs of the file read a tensor. */
  readersOf(index: number): number;
  /** The value of a tensor. Throws FORMAT_DAMAGED where nothing makes it. */
  valueOf(index: number): Value;
  /** Says what a tensor is; a flow that is rounded twice passes through a layer that does nothing in between. */
  bind(index: number, value: Value): void;
  /** A layer, read by the op of a Keras class, or an operator with its attributes. */
  add(
    name: LayerName,
    className: string,
    config: KerasConfig,
    inputs: readonly Flow[],
    weights?: Readonly<Record<string, LaidOut>>,
  ): Flow;
}

/** The grid of a value that is stored in whole numbers; undefined for floats. */
function gridOf({ type, quantization, name }: TfliteTensor, path: string): ActivationGrid | undefined {
  if (quantization === null || (type !== 'INT8' && type !== 'UINT8' && type !== 'INT16')) return undefined;
  const { scale, zeroPoint } = quantization;
  const [step = 1] = scale;
  const [point = 0] = zeroPoint;
  if (scale.length !== 1) throw problems.damaged(path, `the value "${name}" has ${scale.length} scales`);
  if (type === 'INT16') {
    if (point !== 0) throw refusals.form(path, `the 16-bit value "${name}" has the zero point ${point}`);
    return { min: -step * 32767, max: step * 32767, bits: 16 };
  }
  const signed = type === 'INT8' ? point : point - 128;
  if (signed < -128 || signed > 127) throw problems.damaged(path, `the value "${name}" has the zero point ${point}`);
  return gridOfSteps(step, signed);
}

/** A graph with its inputs and constants. */
export function createGraph(file: TfliteFile, path: string, notes: Notes): Graph {
  const values = new Map<number, Value>();
  const readers = new Map<number, number>();
  for (const index of [...file.operators.flatMap(({ inputs }) => inputs), ...file.outputs]) {
    readers.set(index, (readers.get(index) ?? 0) + 1);
  }
  const constants = new Map<number, { weight: Weight; uniform: number | null }>();
  const ids = new Map<string, WeightId>();
  const known = new Map<string, ActivationGrid>();
  const graph: Graph = {
    path,
    notes,
    names: createNames(),
    nodes: [],
    weights: new Map(),
    grids: new Map(),
    readersOf: (index) => readers.get(index) ?? 0,
    constantOf(tensor) {
      const known = constants.get(tensor.index);
      if (known !== undefined) return known;
      const weight = weightOf(tensor, path);
      const [first = null] = weight.values;
      const constant = { weight, uniform: weight.values.every((value) => value === first) ? first : null };
      constants.set(tensor.index, constant);
      return constant;
    },
    valueOf(index) {
      const value = values.get(index);
      if (value !== undefined) return value;
      const tensor = file.tensors[index];
      if (tensor?.data) return { kind: 'constant', tensor };
      throw problems.damaged(path, `the tensor "${tensor?.name}" is used before an operator makes it`);
    },
    bind(index, value) {
      const tensor = file.tensors[index] as TfliteTensor;
      if (values.has(index)) throw problems.damaged(path, `two operators make the tensor "${tensor.name}"`);
      if (value.kind === 'flow') requireShape(value, tensor);
      values.set(index, value.kind === 'flow' ? rounded(value, tensor) : value);
    },
    add({ short, long }, className, config, inputs, weights = {}) {
      const unique = graph.names.take(short, long);
      const isOperator = className.startsWith(tflitePrefix);
      const op = isOperator ? opOf(className) : opForClass(className);
      if (op === undefined) throw new Error(`No op reads the class ${className}.`);
      const attrs = isOperator ? config : op.read(config, { layer: unique, className, keras: 2 });
      const shape = op.shape(
        attrs,
        inputs.map((input) => input.shape),
      );
      const stored = Object.entries(weights).map(([role, weight]) => [role, weightId(unique, role, weight)] as const);
      const node = {
        name: unique,
        op: isOperator ? className : op.kind,
        attrs,
        inputs: inputs.map(({ id }) => id),
        outputs: [unique],
      };
      graph.nodes.push({ ...node, weights: Object.fromEntries(stored) });
      return { kind: 'flow', id: unique, shape };
    },
  };

  function rounded(flow: Flow, tensor: TfliteTensor): Flow {
    const grid = gridOf(tensor, path);
    if (grid === undefined) return flow;
    const key = JSON.stringify(grid);
    const shared = known.get(key) ?? grid;
    known.set(key, shared);
    const before = graph.grids.get(flow.id);
    if (before === shared) return flow;
    const value =
      before === undefined
        ? flow
        : { ...flow, ...graph.add(alone(`${flow.id}/requantize`), 'Activation', { activation: 'linear' }, [flow]) };
    graph.grids.set(value.id, shared);
    return value;
  }

  /** What layers make must have the shape that the file states. */
  function requireShape({ shape, timeMajor }: Flow, tensor: TfliteTensor): void {
    const [first, second, ...rest] = tensor.shape;
    const stated = timeMajor ? [second, first, ...rest] : tensor.shape;
    const fits = shape.every((size, axis) => size === null || stated[axis + 1] === -1 || stated[axis + 1] === size);
    if (fits && stated.length === shape.length + 1) return;
    throw problems.damaged(
      path,
      `the tensor "${tensor.name}" should be [${tensor.shape.join(', ')}], but a sample of it is [${shape.join(', ')}]`,
    );
  }

  function weightId(layer: string, role: string, { tensor, layout, arrange }: LaidOut): WeightId {
    const key = `${tensor.index} ${layout}`;
    const id = ids.get(key) ?? `${layer}/${role}`;
    if (!ids.has(key)) graph.weights.set(id, arrange(graph.constantOf(tensor).weight));
    ids.set(key, id);
    return id;
  }
  return graph;
}

/** The shape of one sample: all axes of a tensor but the first, the batch. */
export function sampleShape({ shape, name }: TfliteTensor, refuse: (reason: string) => StudioError): Shape {
  if (shape.length === 0) throw refuse(`The tensor "${name}" has no batch axis.`);
  return shape.slice(1).map((size) => (size < 0 ? null : size));
}
