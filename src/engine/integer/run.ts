/**
 * A full-integer .tflite graph computed here, code by code, by the arithmetic of TFLite's reference kernels or of XNNPACK: what a
 * microcontroller computes, or a phone. Inputs and outputs are numbers or codes, as the file has them. Operators that compute with floats are refused by name.
 */
import { StudioError } from '../errors.ts';
import type { FileGraph, FileOperator, FileTensor } from '../formats/tflite/write/file-graph.ts';
import type { Fused } from '../formats/tflite/write/options.ts';
import { roundHalfAway } from '../model/activation-grid.ts';
import { add, extreme, leakyRelu, prelu, product, rectify, rescale } from './elementwise.ts';
import type { Kernels } from './fixed-point.ts';
import { logSoftmax, lookedUp, lookUp, softmax } from './functions.ts';
import { hardSwish } from './hard-swish.ts';
import { concatenate, pad, resizeBilinear, resizeNearest, slice, transpose } from './structure.ts';
import { type Codes, clamp, constantOf, type IntegerOutput, type IntegerTensor, outputOf, scaleOf } from './tensors.ts';
import { convolution, dense } from './weighted.ts';
import { pool, reduce } from './windows.ts';

type Numbers = Float32Array | Codes;

/** Runs one sample. One array per input and output; floats where the file takes or gives floats. Throws INTEGER_OPERATOR. */
export function runIntegers(file: FileGraph, inputs: readonly ArrayLike<number>[], kernels: Kernels): Numbers[] {
  const values = new Map<FileTensor, Numbers>();
  for (const [index, { tensor }] of file.inputs.entries()) values.set(tensor, arrayOf(tensor, inputs[index] ?? []));
  for (const operator of file.operators) values.set(operator.output, runOperator(operator, values, kernels));
  return file.outputs.map(({ tensor }) => values.get(tensor) ?? new Int8Array());
}

function arrayOf({ type }: FileTensor, numbers: ArrayLike<number>): Numbers {
  if (type === 'FLOAT32') return Float32Array.from(numbers);
  return type === 'UINT8' ? Uint8Array.from(numbers) : Int8Array.from(numbers);
}

function runOperator(operator: FileOperator, values: ReadonlyMap<FileTensor, Numbers>, kernels: Kernels): Numbers {
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
  if (code === 'QUANTIZE') return requantized(tensors[0] as IntegerTensor, target, output.type, kernels);
  return computed(operator, tensors, target, kernels);
}

function computed(
  operator: FileOperator,
  tensors: readonly (IntegerTensor | null)[],
  output: IntegerOutput,
  kernels: Kernels,
): Codes {
  const [x, second = null, third = null] = tensors as readonly [IntegerTensor, ...(IntegerTensor | null)[]];
  const { code, options } = operator;
  const other = second as IntegerTensor;
  const fused: Fused = options !== null && 'fused' in options ? options.fused : 'NONE';
  switch (options?.table) {
    case 'Conv2DOptions':
    case 'DepthwiseConv2DOptions':
      return convolution(x, other, third, options, output, kernels);
    case 'Pool2DOptions':
      return pool(x, { ...options, dilation: [1, 1] }, output, code === 'AVERAGE_POOL_2D');
    case 'ConcatenationOptions':
      return concatenate(tensors as readonly IntegerTensor[], options.axis, output);
    case 'LeakyReluOptions':
      return leakyRelu(x, options.alpha, output, kernels);
    case 'StridedSliceOptions':
      return slice(x, other.codes, (tensors[3] as IntegerTensor).codes, options.whole, output);
  }
  switch (code) {
    case 'FULLY_CONNECTED':
      return dense(x, other, third, fused, output, kernels);
    case 'ADD':
      return add(x, other, fused, output);
    case 'MUL':
      return product(x, other, fused, output, kernels);
    case 'MAXIMUM':
      return extreme(x, other, 'max', output);
    case 'MINIMUM':
      return extreme(x, other, 'min', output);
    case 'PRELU':
      return prelu(x, other, output);
    case 'RELU':
    case 'RELU6':
      return rectify(x, code, output);
    case 'MEAN':
    case 'REDUCE_MAX':
      return reduce(x, output, code === 'MEAN', kernels);
    case 'RESHAPE':
      return x.codes;
    case 'TRANSPOSE':
      return transpose(x, other.codes, output);
    case 'PAD':
      return pad(x, other.codes, output);
    case 'RESIZE_BILINEAR':
      return resizeBilinear(x, output, kernels);
    case 'RESIZE_NEAREST_NEIGHBOR':
      return resizeNearest(x, output);
    case 'SOFTMAX':
      return softmax(x, output);
    case 'LOG_SOFTMAX':
      return logSoftmax(x, output);
    case 'HARD_SWISH':
      return hardSwish(x, output);
    case 'LOGISTIC':
    case 'TANH':
    case 'ELU':
    case 'GELU':
      return lookUp(x, lookedUp[code], output);
    default:
      throw floatOperator(operator);
  }
}

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
  return Int8Array.from(values, (value) => clamp(roundHalfAway(Math.fround(value / scale)) + output.zeroPoint, -128, 127));
}

function dequantized(x: IntegerTensor): Float32Array {
  return Float32Array.from(x.codes, (code) => scaleOf(x) * (code - x.zeroPoint));
}

function requantized(x: IntegerTensor, output: IntegerOutput, type: FileTensor['type'], kernels: Kernels): Codes {
  if (type === 'UINT8') return Uint8Array.from(x.codes, (code) => code + 128);
  if (x.codes instanceof Uint8Array) return Int8Array.from(x.codes, (code) => code - 128);
  return rescale(x, output, kernels);
}
