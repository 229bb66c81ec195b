/**
 * A full-integer .tflite graph computed here, code by code, by the arithmetic of TFLite's reference kernels or of XNNPACK: what a
 * microcontroller computes, or a phone. Inputs and outputs are numbers or codes, as the file has them. Operators that compute with floats are refused by name.
 */
import { StudioError } from '../errors.ts';
import type { FileGraph, FileOperator, FileTensor, OperatorCode } from '../formats/tflite/write/file-graph.ts';
import type { Fused, Options } from '../formats/tflite/write/options.ts';
import { roundHalfAway } from '../model/activation-grid.ts';
import { extreme, leakyRelu, prelu, product, rectify, rescale, sum } from './elementwise.ts';
import type { Kernels } from './fixed-point.ts';
import { logSoftmax, lookedUp, lookUp, softmax } from './functions.ts';
import { hardSwish } from './hard-swish.ts';
import { concatenate, pad, resizeBilinear, resizeNearest, slice, transpose } from './structure.ts';
import type { Kept } from './tables.ts';
import { type Codes, clamp, constantOf, type IntegerOutput, type IntegerTensor, outputOf, scaleOf } from './tensors.ts';
import { type Accelerate, type Arithmetic, convolution, dense, transposedConvolution } from './weighted.ts';
import { pool, reduce } from './windows.ts';

type Numbers = Float32Array | Codes;

/** Answers to one sample. One array per input and output; floats where the file takes or gives floats. */
export type RunIntegers = (inputs: readonly ArrayLike<number>[]) => Numbers[];

/**
 * What a file computes. Each operator keeps from the first sample on what it needs for all; a run may throw INTEGER_OPERATOR.
 */
export function prepareIntegers(file: FileGraph, kernels: Kernels, accelerate?: Accelerate): RunIntegers {
  const steps = file.operators.map((operator) => ({ operator, kept: keep() }));
  return (inputs) => {
    const values = new Map<FileTensor, Numbers>();
    for (const [index, { tensor }] of file.inputs.entries()) values.set(tensor, arrayOf(tensor, inputs[index] ?? []));
    for (const { operator, kept } of steps)
      values.set(operator.output, runOperator(operator, values, { kernels, accelerate }, kept));
    return file.outputs.map(({ tensor }) => values.get(tensor) ?? new Int8Array());
  };
}

/** Makes one thing when it is first asked. */
function keep(): Kept {
  let made: { readonly thing: unknown } | undefined;
  return <T>(make: () => T): T => {
    made ??= { thing: make() };
    return made.thing as T;
  };
}

function arrayOf({ type }: FileTensor, numbers: ArrayLike<number>): Numbers {
  if (type === 'FLOAT32') return Float32Array.from(numbers);
  return type === 'UINT8' ? Uint8Array.from(numbers) : Int8Array.from(numbers);
}

function runOperator(
  operator: FileOperator,
  values: ReadonlyMap<FileTensor, Numbers>,
  arithmetic: Arithmetic,
  kept: Kept,
): Numbers {
  const { code, inputs, output } = operator;
  const [first] = inputs;
  const given = values.get(first as FileTensor);
  const target = outputOf(output);
  if (code === 'QUANTIZE' && given instanceof Float32Array) return quantized(given, target);
  const tensors = inputs.map((tensor) => {
    if (tensor === null || tensor.data !== undefined) return tensor && constantOf(tensor);
    const codes = values.get(tensor);
    if (codes === undefined || codes instanceof Float32Array) throw floatOperator(operator);
    return { ...outputOf(tensor), codes };
  });
  if (code === 'DEQUANTIZE') return dequantized(tensors[0] as IntegerTensor);
  const task: Task = { ...arithmetic, options: operator.options, output: target, kept };
  if (code === 'QUANTIZE') return requantized(tensors[0] as IntegerTensor, output.type, task);
  const compute = kernelOf(code);
  if (compute === undefined) throw floatOperator(operator);
  return compute(tensors as readonly IntegerTensor[], task);
}

interface Task extends Arithmetic {
  readonly options: Options | null;
  readonly output: IntegerOutput;
  readonly kept: Kept;
}

/** An optional input that is not there is null. */
type Compute = (inputs: readonly IntegerTensor[], task: Task) => Codes;
type Tensors = readonly [IntegerTensor, IntegerTensor, IntegerTensor, IntegerTensor];

/** The options of an operator, which are those of its kind. */
const optionsOf = <T extends Options['table']>({ options }: Task) => options as Options & { readonly table: T };
const fusedOf = ({ options }: Task): Fused => (options !== null && 'fused' in options ? options.fused : 'NONE');

const conv: Compute = ([x, kernel, bias], task) =>
  convolution(x as IntegerTensor, kernel as IntegerTensor, bias ?? null, optionsOf<'Conv2DOptions'>(task), task);
const pooled =
  (average: boolean): Compute =>
  (inputs, task) =>
    pool(inputs[0] as IntegerTensor, { ...optionsOf<'Pool2DOptions'>(task), dilation: [1, 1] }, task.output, average);
const two =
  (apply: (left: IntegerTensor, right: IntegerTensor, task: Task) => Codes): Compute =>
  (inputs, task) =>
    apply(...((inputs as Tensors).slice(0, 2) as [IntegerTensor, IntegerTensor]), task);
const one =
  (apply: (x: IntegerTensor, task: Task) => Codes): Compute =>
  ([x], task) =>
    apply(x as IntegerTensor, task);

const computing: Readonly<Partial<Record<OperatorCode, Compute>>> = {
  CONV_2D: conv,
  DEPTHWISE_CONV_2D: conv,
  TRANSPOSE_CONV: ([, kernel, x, bias], task) =>
    transposedConvolution(
      x as IntegerTensor,
      kernel as IntegerTensor,
      bias ?? null,
      optionsOf<'TransposeConvOptions'>(task),
      task.output,
    ),
  FULLY_CONNECTED: ([x, kernel, bias], task) =>
    dense(x as IntegerTensor, kernel as IntegerTensor, bias ?? null, fusedOf(task), task),
  AVERAGE_POOL_2D: pooled(true),
  MAX_POOL_2D: pooled(false),
  MEAN: one((x, { output, kernels }) => reduce(x, output, true, kernels)),
  REDUCE_MAX: one((x, { output, kernels }) => reduce(x, output, false, kernels)),
  ADD: two((x, y, task) => sum(x, y, 1, fusedOf(task), task)),
  SUB: two((x, y, task) => sum(x, y, -1, fusedOf(task), task)),
  MUL: two((x, y, task) => product(x, y, fusedOf(task), task)),
  MAXIMUM: two((x, y, task) => extreme(x, y, 'max', task)),
  MINIMUM: two((x, y, task) => extreme(x, y, 'min', task)),
  PRELU: two((x, alpha, task) => prelu(x, alpha, task)),
  LEAKY_RELU: one((x, task) => leakyRelu(x, optionsOf<'LeakyReluOptions'>(task).alpha, task)),
  RELU: one((x, task) => rectify(x, 'RELU', task)),
  RELU6: one((x, task) => rectify(x, 'RELU6', task)),
  CONCATENATION: (inputs, task) => concatenate(inputs, optionsOf<'ConcatenationOptions'>(task).axis, task.output),
  RESHAPE: one((x) => x.codes),
  TRANSPOSE: two((x, order, task) => transpose(x, order.codes, task)),
  PAD: two((x, counts, task) => pad(x, counts.codes, task)),
  STRIDED_SLICE: (inputs, task) => {
    const [x, begin, , steps] = inputs as Tensors;
    return slice(x, begin.codes, steps.codes, optionsOf<'StridedSliceOptions'>(task).whole, task);
  },
  RESIZE_BILINEAR: one((x, { output, kernels }) => resizeBilinear(x, output, kernels)),
  RESIZE_NEAREST_NEIGHBOR: one((x, task) => resizeNearest(x, task)),
  SOFTMAX: one((x, { output }) => softmax(x, output)),
  LOG_SOFTMAX: one((x, { output }) => logSoftmax(x, output)),
  HARD_SWISH: one((x, { output, kept }) => hardSwish(x, output, kept)),
  LOGISTIC: one((x, { output, kept }) => lookUp(x, lookedUp.LOGISTIC, output, kept)),
  TANH: one((x, { output, kept }) => lookUp(x, lookedUp.TANH, output, kept)),
  ELU: one((x, { output, kept }) => lookUp(x, lookedUp.ELU, output, kept)),
  GELU: one((x, { output, kept }) => lookUp(x, lookedUp.GELU, output, kept)),
};

const kernelOf = (code: OperatorCode): Compute | undefined => computing[code];

/** Whether an operator of a file of whole numbers is computed here. */
export const computes = ({ code }: FileOperator): boolean =>
  code === 'QUANTIZE' || code === 'DEQUANTIZE' || kernelOf(code) !== undefined;

function floatOperator({ code, output }: FileOperator): StudioError {
  return new StudioError({
    code: 'INTEGER_OPERATOR',
    title: `The layer that makes "${output.name}" is not computed with integers here.`,
    detail: `Its operator ${code} takes floats in this file, or has no integer arithmetic here.`,
    hint: 'Calibrate all layers, or judge the file by an interpreter.',
    context: { operator: code, output: output.name },
  });
}

function quantized(values: Float32Array, output: IntegerOutput): Int8Array {
  const scale = scaleOf(output);
  const codes = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++)
    codes[i] = clamp(roundHalfAway(Math.fround((values[i] as number) / scale)) + output.zeroPoint, -128, 127);
  return codes;
}

function dequantized(x: IntegerTensor): Float32Array {
  return Float32Array.from(x.codes, (code) => scaleOf(x) * (code - x.zeroPoint));
}

function requantized(x: IntegerTensor, type: FileTensor['type'], task: Task): Codes {
  if (type === 'UINT8') return Uint8Array.from(x.codes, (code) => code + 128);
  if (x.codes instanceof Uint8Array) return Int8Array.from(x.codes, (code) => code - 128);
  return rescale(x, task);
}
