/**
 * Versions of operators: the least that knows the types and settings which an operator uses, and the first TensorFlow Lite runtime that
 * has it, by TensorFlow's own tables (lite/tools/versioning, op_version.cc and runtime_version.cc), for the operators written here.
 */
import type { FileOperator, OperatorCode } from './file-graph.ts';

/** Operators whose int8 kernel came with version 2, and which have had no other since. */
const secondForInt8: ReadonlySet<OperatorCode> = new Set([
  'ADD',
  'SUB',
  'AVERAGE_POOL_2D',
  'MAX_POOL_2D',
  'CONCATENATION',
  'TRANSPOSE',
  'PAD',
  'SOFTMAX',
  'LOG_SOFTMAX',
  'LOGISTIC',
  'TANH',
  'MEAN',
  'REDUCE_MAX',
  'RELU',
  'RELU6',
  'MAXIMUM',
  'MINIMUM',
  'GELU',
]);

/** Versions that know 16-bit activations. */
const wideVersions: Readonly<Partial<Record<OperatorCode, number>>> = {
  CONV_2D: 4,
  DEPTHWISE_CONV_2D: 5,
  FULLY_CONNECTED: 7,
  AVERAGE_POOL_2D: 3,
  MAX_POOL_2D: 3,
  CONCATENATION: 3,
  TRANSPOSE: 5,
  PAD: 3,
  ADD: 3,
  MUL: 4,
  MEAN: 3,
  RELU: 3,
  RELU6: 3,
  LEAKY_RELU: 2,
  SOFTMAX: 3,
  LOGISTIC: 3,
  TANH: 3,
  QUANTIZE: 2,
  DEQUANTIZE: 3,
};

/** The version an operator needs. */
export function versionOf(operator: FileOperator): number {
  const { code, inputs, output, options } = operator;
  const type = inputs[0]?.type;
  const filter = inputs[1];
  const hybrid = type === 'FLOAT32' && filter?.type === 'INT8';
  const perChannel = (filter?.grid?.scale.length ?? 0) > 1;
  const [ranks, integer] = [Math.max(...inputs.map((input) => input?.shape.length ?? 0)), type === 'INT8'];
  if (type === 'INT16' || output.type === 'INT16') return wideVersions[code] ?? 1;
  switch (code) {
    case 'STRIDED_SLICE':
      return type === 'BOOL' ? 3 : integer ? 2 : 1;
    case 'CONV_2D':
      if (filter?.type === 'INT4') return 7;
      if (filter?.shape[3] !== inputs[0]?.shape[3]) return 6;
      return integer ? 3 : hybrid ? (perChannel ? 5 : 2) : 1;
    case 'DEPTHWISE_CONV_2D': {
      const dilated = options?.table === 'DepthwiseConv2DOptions' && Math.max(...options.dilation) > 1;
      return integer ? 3 : hybrid ? (perChannel ? 6 : 4) : dilated ? 2 : 1;
    }
    case 'FULLY_CONNECTED': {
      if (filter?.type === 'INT4') return 10;
      if (options?.table === 'FullyConnectedOptions' && options.keepDims) return 5;
      return integer ? 4 : hybrid ? 9 : 1;
    }
    case 'UNIDIRECTIONAL_SEQUENCE_LSTM':
      return hybrid ? 3 : 1;
    case 'TRANSPOSE_CONV':
      return 3;
    case 'MUL':
      return integer ? (scaleRatio(operator) >= 1 ? 3 : 2) : 1;
    case 'DEQUANTIZE':
      return type === 'FLOAT16' ? 3 : 2;
    case 'QUANTIZE':
    case 'RESHAPE':
      return 1;
    case 'RESIZE_BILINEAR':
    case 'RESIZE_NEAREST_NEIGHBOR':
      return 3;
    case 'TRANSPOSE':
      return ranks > 5 ? 6 : ranks > 4 ? 4 : integer ? 2 : 1;
    default:
      return integer && output.type === 'INT8' && secondForInt8.has(code) ? 2 : 1;
  }
}

/** Product of the inputs' scales over the output's. */
function scaleRatio({ inputs, output }: FileOperator): number {
  const scale = (index: number): number => inputs[index]?.grid?.scale[0] ?? 1;
  return (scale(0) * scale(1)) / (output.grid?.scale[0] ?? 1);
}

type Release = `${number}.${number}.${number}`;

/** The first runtime for each version from 1 on; an empty place is a version that is never written. */
const releases: Readonly<Partial<Record<OperatorCode, readonly (Release | '')[]>>> = {
  ABS: ['1.13.0', '2.4.0'],
  ADD: ['1.5.0', '1.14.0', '2.4.0'],
  AVERAGE_POOL_2D: ['1.5.0', '1.14.0', '2.3.0'],
  BATCH_MATMUL: ['2.3.0'],
  CAST: ['1.5.0'],
  CONCATENATION: ['1.5.0', '1.14.0', '2.3.0'],
  CONV_2D: ['1.5.0', '1.14.0', '1.14.0', '2.3.0', '2.4.0', '2.9.0', '2.11.0'],
  DEPTHWISE_CONV_2D: ['1.5.0', '1.12.0', '1.14.0', '2.2.0', '2.3.0', '2.3.0'],
  DEQUANTIZE: ['1.13.1', '1.14.0', '1.15.0'],
  DIV: ['1.6.0', '2.3.0'],
  ELU: ['1.14.0'],
  EXP: ['1.7.0'],
  FULLY_CONNECTED: ['1.5.0', '', '1.14.0', '1.14.0', '2.0.0', '', '2.3.0', '', '2.3.0'],
  GATHER: ['1.6.0'],
  GELU: ['2.9.0', '2.9.0'],
  GREATER: ['1.14.0'],
  GREATER_EQUAL: ['1.14.0'],
  HARD_SWISH: ['1.15.0'],
  L2_NORMALIZATION: ['1.5.0'],
  LEAKY_RELU: ['1.13.1', '2.3.0'],
  LOG: ['1.14.0'],
  LOG_SOFTMAX: ['1.14.0', '1.14.0'],
  LOGISTIC: ['1.14.0', '1.14.0', '2.3.0'],
  MAX_POOL_2D: ['1.5.0', '1.14.0', '2.3.0'],
  MAXIMUM: ['1.14.0', '1.14.0'],
  MEAN: ['1.6.0', '1.14.0', '2.4.0'],
  MINIMUM: ['1.14.0', '1.14.0'],
  MUL: ['1.5.0', '1.14.0', '1.15.0', '2.3.0'],
  NEG: ['1.9.0'],
  NOT_EQUAL: ['1.14.0'],
  PAD: ['1.5.0', '1.14.0', '2.4.0'],
  PRELU: ['1.8.0'],
  QUANTIZE: ['1.14.0', '1.15.0'],
  REDUCE_ANY: ['1.11.0'],
  REDUCE_MAX: ['1.11.0', '1.14.0'],
  RELU: ['1.5.0', '2.1.0', '2.5.0'],
  RELU6: ['1.5.0', '1.14.0', '2.5.0'],
  RELU_N1_TO_1: ['1.5.0'],
  RESHAPE: ['1.5.0'],
  RESIZE_BILINEAR: ['1.7.0', '1.14.0', '2.2.0'],
  RESIZE_NEAREST_NEIGHBOR: ['1.13.1', '1.14.0', '2.3.0'],
  RSQRT: ['1.10.0'],
  SELECT_V2: ['2.2.0'],
  SOFTMAX: ['1.5.0', '1.14.0', '2.3.0'],
  SQRT: ['1.10.0'],
  STRIDED_SLICE: ['1.6.0', '1.14.0', '2.1.0'],
  SUB: ['1.6.0', '1.14.0'],
  SUM: ['1.10.0'],
  TANH: ['1.14.0', '1.14.0', '2.3.0'],
  UNIDIRECTIONAL_SEQUENCE_LSTM: ['1.13.1', '1.14.0', '2.3.0'],
  TRANSPOSE_CONV: ['1.9.0', '2.2.0', '2.3.0'],
  TRANSPOSE: ['1.6.0', '1.14.0', '', '2.3.0', '2.4.0'],
};

/** The first runtime that runs all the operators. */
export function minimumRuntime(operators: readonly FileOperator[]): string {
  const order = (release: string): number => release.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
  const needed = operators.flatMap((operator) => releases[operator.code]?.[versionOf(operator) - 1] || []);
  return needed.reduce<string>((newest, release) => (order(release) > order(newest) ? release : newest), '1.5.0');
}
