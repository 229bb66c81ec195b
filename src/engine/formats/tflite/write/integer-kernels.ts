/**
 * Which operators have integer kernels, and what it asks of the grids, by TFLite's quantization specification:
 *
 *   weighted   int8 weights without zero point, int32 biases on (scale of the input · scale of the weights)
 *   shared     the output has the grid of the inputs
 *   fixed      the output has one grid, whatever is put in
 *   free       all grids are their own; constants are int8 with one scale
 */
import { type GridSteps, stepsOf } from '../../../model/activation-grid.ts';
import { type FixedRange, fixedGrid } from '../../../model/activation-groups.ts';
import type { OperatorCode } from './file-graph.ts';

export type IntegerRule = 'weighted' | 'shared' | 'free' | FixedRange;

const rules: Readonly<Partial<Record<OperatorCode, IntegerRule>>> = {
  CONV_2D: 'weighted',
  DEPTHWISE_CONV_2D: 'weighted',
  TRANSPOSE_CONV: 'weighted',
  FULLY_CONNECTED: 'weighted',
  AVERAGE_POOL_2D: 'shared',
  MAX_POOL_2D: 'shared',
  REDUCE_MAX: 'shared',
  CONCATENATION: 'shared',
  RESHAPE: 'shared',
  TRANSPOSE: 'shared',
  PAD: 'shared',
  STRIDED_SLICE: 'shared',
  MAXIMUM: 'shared',
  MINIMUM: 'shared',
  RESIZE_BILINEAR: 'shared',
  RESIZE_NEAREST_NEIGHBOR: 'shared',
  ADD: 'free',
  SUB: 'free',
  MUL: 'free',
  MEAN: 'free',
  RELU: 'free',
  RELU6: 'free',
  LEAKY_RELU: 'free',
  PRELU: 'free',
  ELU: 'free',
  HARD_SWISH: 'free',
  GELU: 'free',
  SOFTMAX: 'softmax',
  LOGISTIC: 'sigmoid',
  TANH: 'tanh',
  LOG_SOFTMAX: 'log_softmax',
};

/** Operators that take 16-bit activations as well. */
const wide: ReadonlySet<OperatorCode> = new Set([
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'AVERAGE_POOL_2D',
  'MAX_POOL_2D',
  'CONCATENATION',
  'RESHAPE',
  'TRANSPOSE',
  'PAD',
  'ADD',
  'MUL',
  'MEAN',
  'RELU',
  'RELU6',
  'LEAKY_RELU',
  'SOFTMAX',
  'LOGISTIC',
  'TANH',
]);

/** The rule of an operator for activations of 8 or 16 bits; undefined where it computes with floats only. */
export function ruleOf(code: OperatorCode, bits: 8 | 16): IntegerRule | undefined {
  return bits === 8 || wide.has(code) ? rules[code] : undefined;
}

/** The grid that an operator's output must have; null where it may have any. */
export function requiredGrid(rule: IntegerRule, bits: 8 | 16): GridSteps | null {
  return rule === 'weighted' || rule === 'shared' || rule === 'free' ? null : stepsOf(fixedGrid(rule, bits));
}

export const sameGrid = (a: GridSteps, b: GridSteps): boolean => a.scale === b.scale && a.zeroPoint === b.zeroPoint;
