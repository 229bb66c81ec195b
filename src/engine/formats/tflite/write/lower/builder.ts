/** What a lowering works with: its layer, and a way to emit operators and constants. */
import type { Model, Node, Weight } from '../../../../model/model.ts';
import { single } from '../../../../model/ops/define.ts';
import { type Normalization, normalizationOf } from '../../../../techniques/fold/batch-norm.ts';
import type { OperatorCode } from '../file-graph.ts';
import type { FlowTensor, GraphOperator, GraphTensor, IndexTensor, VectorTensor } from '../graph.ts';
import type { Fused, Options } from '../options.ts';
import { ownActivation, type Unit } from './units.ts';

/** A step within a layer: what it reads and how its output looks. */
export interface Emission {
  /** Batch included; the shape of the first input where absent. */
  readonly shape?: readonly number[];
  readonly options?: Options;
  /** True for the operator that makes the layer's output. */
  readonly last?: boolean;
  /** True for a part of the output: it has its value, and so its grid. */
  readonly inner?: boolean;
  readonly isBool?: boolean;
  readonly isIndex?: boolean;
  /** With floats whatever grids there are. */
  readonly floats?: true;
}

export interface Layer {
  readonly unit: Unit;
  readonly node: Node;
  readonly inputs: readonly FlowTensor[];
  /** Of the output, batch included. */
  readonly shape: readonly number[];
  readonly fused: Fused;
  /** True where per-channel integers must be possible. */
  readonly integerWeights: boolean;
  /** The batch of a shape constant: −1 where any is allowed. */
  readonly batch: 1 | -1;
  /** True where an LSTM is to be one operator. */
  readonly fusedLstm: boolean;
  /** A name of the layer's own that no other tensor has. */
  name(role: string): string;
  /** The only input. */
  input(): FlowTensor;
  weight(role: string): Weight | undefined;
  /** The BatchNormalization that is folded into it. */
  normalization(): Normalization | null;
  /** Factors and shift of a BatchNormalization. */
  normalizationOf(norm: Node): Normalization;
  /** Another operator; it reads tensors and makes one. */
  emit(code: OperatorCode, inputs: readonly (GraphTensor | null)[], emission?: Emission): FlowTensor;
  vector(role: string, values: ArrayLike<number>, shape?: readonly number[], isHalf?: boolean): VectorTensor;
  /** A single number. */
  scalar(value: number): VectorTensor;
  index(role: string, values: readonly number[], shape?: readonly number[]): IndexTensor;
  /** The tensor in another shape (batch included); itself where that is its shape. */
  reshape(tensor: FlowTensor, shape: readonly number[], last?: boolean): FlowTensor;
  /** The tensor with its axes in another order. */
  transpose(tensor: FlowTensor, order: readonly number[], last?: boolean): FlowTensor;
  /** A layer in this one's place that computes a part of it, from `input` to a tensor of `shape`. */
  within(node: Node, input: FlowTensor, shape: readonly number[]): Layer;
  /** The same operators for each input, with the same constants. */
  each(inputs: readonly FlowTensor[], lower: (input: FlowTensor) => FlowTensor): FlowTensor[];
}

export type Lowering = (layer: Layer) => FlowTensor;

/** Names that are given once. */
export function uniqueNames(): (wanted: string) => string {
  const taken = new Set<string>();
  return (wanted) => {
    let name = wanted;
    for (let count = 1; taken.has(name); count++) name = `${wanted}_${count}`;
    taken.add(name);
    return name;
  };
}

export interface LayerParts {
  readonly model: Model;
  readonly unit: Unit;
  readonly inputs: readonly FlowTensor[];
  readonly shape: readonly number[];
  readonly integerWeights: boolean;
  readonly batch: 1 | -1;
  readonly fusedLstm: boolean;
  readonly operators: GraphOperator[];
  readonly nameOf: (wanted: string) => string;
}

/** The layer of a unit; what it emits is appended to `operators`. */
export function layerOf({ model, unit, inputs, shape, operators, nameOf, ...rest }: LayerParts): Layer {
  const { node } = unit;
  const layer: Layer = {
    ...rest,
    unit,
    node,
    inputs,
    shape,
    fused: unit.fused,
    name: (role) => nameOf(`${node.name}/${role}`),
    input: () => single(inputs),
    normalization: () => (unit.norm === null ? null : normalizationOf(model, unit.norm)),
    normalizationOf: (norm) => normalizationOf(model, norm),
    weight: (role) => model.weights.get(node.weights[role] ?? ''),
    emit(
      code,
      given,
      { shape: size = given[0]?.shape ?? shape, options, last = false, inner = false, isBool, isIndex, floats } = {},
    ) {
      const name = nameOf(last ? unit.output : `${node.name}/${code.toLowerCase()}`);
      const flow = { kind: 'flow', name, shape: last ? shape : size, value: last || inner ? unit.output : null } as const;
      const output: FlowTensor = { ...flow, ...(isBool ? { isBool } : {}), ...(isIndex ? { isIndex } : {}) };
      operators.push({ code, inputs: given, output, options: options ?? null, layer: node.name, ...(floats && { floats }) });
      return output;
    },
    vector: (role, values, size = [values.length], isHalf = false) => ({
      kind: 'vector',
      name: layer.name(role),
      shape: size,
      values: Float32Array.from(values),
      isHalf,
    }),
    scalar: (value) => layer.vector('constant', [value]),
    index: (role, values, size = [values.length]) => ({
      kind: 'index',
      name: layer.name(role),
      shape: size,
      values: Int32Array.from(values),
    }),
    reshape(tensor, size, last = false) {
      if (!last && size.length === tensor.shape.length && size.every((length, axis) => length === tensor.shape[axis]))
        return tensor;
      const target = [rest.batch, ...size.slice(1)];
      const options = { table: 'ReshapeOptions', shape: target } as const;
      return layer.emit('RESHAPE', [tensor, layer.index('shape', target)], { shape: size, options, last });
    },
    transpose: (tensor, order, last = false) =>
      layer.emit('TRANSPOSE', [tensor, layer.index('order', order)], {
        shape: order.map((axis) => tensor.shape[axis] ?? 1),
        options: { table: 'TransposeOptions' },
        last,
      }),
    within: (inner, input, size) =>
      layerOf({
        ...{ ...rest, model, operators, nameOf, inputs: [input], shape: size },
        unit: { ...unit, node: inner, norm: null, fused: ownActivation(inner) },
      }),
    each(given, lower) {
      const start = operators.length;
      const [first, ...others] = given;
      const outputs = first === undefined ? [] : [lower(first)];
      const pattern = operators.slice(start);
      for (const input of others) {
        const from = operators.length;
        outputs.push(lower(input));
        pattern.forEach(({ inputs: stored }, at) => {
          const own = operators[from + at] as GraphOperator;
          const shared = own.inputs.map((tensor, place) => (tensor?.kind === 'flow' ? tensor : (stored[place] ?? null)));
          operators[from + at] = { ...own, inputs: shared };
        });
      }
      return outputs;
    },
  };
  return layer;
}
