/** One operator as its reader sees it: inputs by place, options, layers to add, and how to refuse it by name. */
import type { StudioError } from '../../errors.ts';
import type { Shape, Weight } from '../../model/model.ts';
import type { KerasConfig } from '../../model/op.ts';
import { problems } from '../problems.ts';
import type { Repair } from '../repairs.ts';
import { integersOf } from './constants.ts';
import { type Flow, type Graph, type LaidOut, sampleShape, type Value } from './graph.ts';
import { alone, layerName } from './names.ts';
import type { OptionsTable, TfliteFile, TfliteOperator, TfliteTensor } from './parse.ts';
import { refusals } from './refusals.ts';
import { ActivationFunctionType, Padding } from './schema/schema.ts';

export interface Call {
  readonly kind: string;
  /** The name of the layer. */
  readonly name: string;
  readonly path: string;
  readonly outputs: readonly TfliteTensor[];
  /** Whether an input is there. */
  has(place: number): boolean;
  tensor(place: number): TfliteTensor;
  value(place: number): Value;
  /** All inputs. */
  values(): Value[];
  /** An input that layers make, the batch its first axis. Throws where it is a constant. */
  flow(place: number): Flow;
  /** The numbers of a constant input. Throws where it is not constant. */
  constant(place: number): Weight;
  /** The one number that a constant input is everywhere; null where it is not. */
  uniform(place: number): number | null;
  integers(place: number): number[];
  /** The shape of one sample of an output. */
  sample(output?: number): Shape;
  options<T extends OptionsTable>(member: number, table: T): T;
  /** Adds the layer of this operator, or one that it needs besides, named by `part`. */
  add(
    className: string,
    config: KerasConfig,
    inputs: readonly Flow[],
    weights?: Readonly<Record<string, LaidOut>>,
    part?: string,
  ): Flow;
  /** A constant input as a layer's weight. */
  weight(place: number, layout: string, arrange: (weight: Weight) => Weight): LaidOut;
  /** How many operators and outputs read an input. */
  readers(place: number): number;
  note(code: Repair): void;
  /** FORMAT_TFLITE_UNSUPPORTED_OPERATOR, with the reason. */
  refuse(reason: string, remedy?: string): StudioError;
}

const withKernels: ReadonlySet<string> = new Set([
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'TRANSPOSE_CONV',
  'FULLY_CONNECTED',
  'BATCH_MATMUL',
]);

/** The operator at work in a graph. */
export function createCall(operator: TfliteOperator, file: TfliteFile, graph: Graph): Call {
  const { kind, inputs } = operator;
  const { path } = graph;
  const outputs = operator.outputs.map((index) => file.tensors[index] as TfliteTensor);
  const kernel = withKernels.has(kind) ? [file.tensors[inputs[1] ?? -1]?.name ?? ''] : [];
  const names = layerName(kind, [...outputs.map((tensor) => tensor.name), ...kernel], kernel.length > 0);
  const name = names.short;
  const refuse = (reason: string, remedy?: string): StudioError => refusals.operator(kind, name, reason, remedy);
  const has = (place: number): boolean => (inputs[place] ?? -1) >= 0;
  const indexOf = (place: number): number => {
    if (has(place)) return inputs[place] as number;
    throw problems.damaged(path, `${kind} "${name}" has no input ${place}`);
  };
  const value = (place: number): Value => graph.valueOf(indexOf(place));
  const stable = (place: number): TfliteTensor => {
    const found = value(place);
    if (found.kind === 'constant') return found.tensor;
    throw refuse(`Its input ${place} is computed; here it must be stored in the file.`);
  };
  return {
    kind,
    name,
    path,
    outputs,
    has,
    tensor: (place) => file.tensors[indexOf(place)] as TfliteTensor,
    value,
    values: () => inputs.map((_, place) => value(place)),
    flow(place) {
      const found = value(place);
      if (found.kind === 'flow' && !found.timeMajor) return found;
      if (found.kind === 'begun') throw refuse('It works on steps that have been given one more number.');
      throw refuse(
        found.kind === 'flow' ? 'Its input has time before the batch.' : `Its input ${place} does not come from a layer.`,
      );
    },
    constant: (place) => graph.constantOf(stable(place)).weight,
    uniform(place) {
      const found = value(place);
      if (found.kind === 'uniform') return found.value;
      return found.kind === 'constant' ? graph.constantOf(found.tensor).uniform : null;
    },
    integers: (place) => integersOf(stable(place), path),
    sample(output = 0) {
      const tensor = outputs[output];
      if (tensor === undefined) throw problems.damaged(path, `${kind} "${name}" has no output ${output}`);
      return sampleShape(tensor, refuse);
    },
    options(member, table) {
      const options = operator.options(member, table);
      if (options === null) throw problems.damaged(path, `${kind} "${name}" has no options`);
      return options;
    },
    add: (className, config, from, weights, part) =>
      graph.add(part === undefined ? names : alone(`${name}/${part}`), className, config, from, weights),
    weight: (place, layout, arrange) => ({ tensor: stable(place), layout, arrange }),
    readers: (place) => graph.readersOf(indexOf(place)),
    note: (code) => graph.notes.add(code, name),
    refuse,
  };
}

const activations: Readonly<Record<number, string>> = {
  [ActivationFunctionType.NONE]: 'linear',
  [ActivationFunctionType.RELU]: 'relu',
  [ActivationFunctionType.RELU6]: 'relu6',
  [ActivationFunctionType.TANH]: 'tanh',
};

/** The activation that an operator applies, by its Keras name. */
export function fusedActivation(call: Call, code: number): string {
  const name = activations[code];
  if (name === undefined)
    throw call.refuse(`It applies the activation ${code} (RELU_N1_TO_1 or SIGN_BIT), which no Keras layer has.`);
  return name;
}

/** The flow behind an activation, a layer of its own where there is one. */
export function activated(call: Call, flow: Flow, code: number): Flow {
  const activation = fusedActivation(call, code);
  return activation === 'linear' ? flow : call.add('Activation', { activation }, [flow], {}, activation);
}

/** `same` or `valid`. */
export function paddingOf(call: Call, code: number): string {
  if (code === Padding.SAME) return 'same';
  if (code === Padding.VALID) return 'valid';
  throw problems.damaged(call.path, `${call.kind} "${call.name}" has the padding ${code}`);
}
