/** What each operator of TFLite is as layers, listed by hand. An operator that is not listed is refused by its name. */
import type { Call } from '../call.ts';
import type { Value } from '../graph.ts';
import {
  activation,
  add,
  divide,
  extreme,
  gelu,
  leakyRelu,
  multiply,
  negative,
  prelu,
  softmax,
  square,
  subtract,
} from './elementwise.ts';
import {
  concatenation,
  fill,
  pack,
  reshape,
  shapeOf,
  slice,
  split,
  stridedSlice,
  transpose,
  unlessSizes,
  unpack,
} from './shapes.ts';
import { padding, pooling, reduction, resize } from './spatial.ts';
import { quantize, same } from './types.ts';
import { convolution, depthwiseConvolution, fullyConnected, matrixProduct } from './weighted.ts';

/** Reads one operator: the value of its only output, or of each. */
export type ReadOperator = (call: Call) => Value | readonly Value[];

/** The readers by the operators' names in the schema. */
export const operators: Readonly<Record<string, ReadOperator>> = {
  CONV_2D: convolution,
  DEPTHWISE_CONV_2D: depthwiseConvolution,
  FULLY_CONNECTED: fullyConnected,
  BATCH_MATMUL: matrixProduct,
  ADD: unlessSizes(add),
  SUB: unlessSizes(subtract),
  MUL: unlessSizes(multiply),
  DIV: unlessSizes(divide),
  MAXIMUM: unlessSizes(extreme('Maximum')),
  MINIMUM: unlessSizes(extreme('Minimum')),
  NEG: negative,
  SQUARE: square,
  RELU: activation('relu'),
  RELU6: activation('relu6'),
  ELU: activation('elu'),
  LOGISTIC: activation('sigmoid'),
  TANH: activation('tanh'),
  EXP: activation('exponential'),
  HARD_SWISH: activation('hard_silu'),
  LOG_SOFTMAX: activation('log_softmax'),
  SOFTMAX: softmax,
  GELU: gelu,
  LEAKY_RELU: leakyRelu,
  PRELU: prelu,
  MAX_POOL_2D: pooling('MaxPooling2D'),
  AVERAGE_POOL_2D: pooling('AveragePooling2D'),
  MEAN: reduction('Average'),
  REDUCE_MAX: reduction('Max'),
  PAD: padding,
  PADV2: padding,
  RESIZE_NEAREST_NEIGHBOR: resize('nearest'),
  RESIZE_BILINEAR: resize('bilinear'),
  RESHAPE: unlessSizes(reshape),
  SQUEEZE: unlessSizes(reshape),
  EXPAND_DIMS: unlessSizes(reshape),
  TRANSPOSE: transpose,
  CONCATENATION: unlessSizes(concatenation),
  PACK: unlessSizes(pack),
  UNPACK: unlessSizes(unpack),
  SPLIT: split(0, 1),
  SPLIT_V: split(2, 0),
  SLICE: unlessSizes(slice),
  STRIDED_SLICE: unlessSizes(stridedSlice),
  SHAPE: shapeOf,
  FILL: fill,
  QUANTIZE: quantize,
  DEQUANTIZE: same,
  CAST: unlessSizes(same),
};
