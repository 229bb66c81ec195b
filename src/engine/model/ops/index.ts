/** The registry of ops, listed by hand: what layers the studio opens, runs and writes. */
import { StudioError } from '../../errors.ts';
import type { KerasConfig, Op } from '../op.ts';
import { activation } from './activation.ts';
import { additiveAttention, attention } from './attention.ts';
import { batchNormalization } from './batch-normalization.ts';
import { bidirectional } from './bidirectional.ts';
import { concatenate } from './concatenate.ts';
import { conv1D } from './conv1d.ts';
import { conv2D } from './conv2d.ts';
import { cropping2D } from './cropping2d.ts';
import { dense } from './dense.ts';
import { depthwiseConv2D } from './depthwise-conv2d.ts';
import { depthwiseConv1D, separableConv1D } from './depthwise-row.ts';
import { dot } from './dot.ts';
import { dropout, gaussianDropout, gaussianNoise } from './dropout.ts';
import { einsumDense } from './einsum-dense.ts';
import { elu } from './elu.ts';
import { embedding } from './embedding.ts';
import { flatten } from './flatten.ts';
import { globalAveragePooling1D, globalAveragePooling2D, globalMaxPooling1D, globalMaxPooling2D } from './global-pooling.ts';
import { graphOperator } from './graph-operator.ts';
import { groupedConv1D, groupedConv2D } from './grouped-convolution.ts';
import { groupNormalization, layerNormalization, rmsNormalization, unitNormalization } from './layer-normalization.ts';
import { leakyRelu } from './leaky-relu.ts';
import { masking } from './masking.ts';
import { add, average, maximum, minimum, multiply, subtract } from './merge.ts';
import { groupQueryAttention, multiHeadAttention } from './multi-head-attention.ts';
import { normalization } from './normalization.ts';
import { permute } from './permute.ts';
import { centerCrop, resizing } from './picture-sizes.ts';
import { averagePooling1D, averagePooling2D, maxPooling1D, maxPooling2D } from './pooling.ts';
import { prelu } from './prelu.ts';
import { gru, lstm, simpleRNN } from './recurrent.ts';
import { relu, thresholdedRelu } from './relu.ts';
import { rescaling } from './rescaling.ts';
import { reshape } from './reshape.ts';
import { separableConv2D } from './separable-conv2d.ts';
import { cropping1D, repeatVector, upSampling1D, zeroPadding1D } from './sequence-shapes.ts';
import { softmax } from './softmax.ts';
import { tfliteOperator } from './tflite-operator.ts';
import { defineTimeDistributed } from './time-distributed.ts';
import { conv1DTranspose, conv2DTranspose } from './transposed-convolution.ts';
import { upSampling2D } from './up-sampling2d.ts';
import {
  averagePooling3D,
  conv3D,
  cropping3D,
  globalAveragePooling3D,
  globalMaxPooling3D,
  maxPooling3D,
  upSampling3D,
  zeroPadding3D,
} from './volumes.ts';
import { zeroPadding2D } from './zero-padding2d.ts';

/** Every op, grouped as a reader of the documentation expects them. */
export const allOps: readonly Op[] = [
  dense,
  einsumDense,
  conv1D,
  conv2D,
  conv3D,
  groupedConv1D,
  groupedConv2D,
  conv1DTranspose,
  conv2DTranspose,
  depthwiseConv1D,
  depthwiseConv2D,
  separableConv1D,
  separableConv2D,
  lstm,
  gru,
  simpleRNN,
  bidirectional,
  defineTimeDistributed({ opOf, opForClass }),
  multiHeadAttention,
  groupQueryAttention,
  attention,
  additiveAttention,
  embedding,
  masking,
  batchNormalization,
  layerNormalization,
  groupNormalization,
  rmsNormalization,
  unitNormalization,
  normalization,
  activation,
  relu,
  thresholdedRelu,
  leakyRelu,
  elu,
  prelu,
  softmax,
  maxPooling1D,
  maxPooling2D,
  maxPooling3D,
  averagePooling1D,
  averagePooling2D,
  averagePooling3D,
  globalMaxPooling1D,
  globalMaxPooling2D,
  globalMaxPooling3D,
  globalAveragePooling1D,
  globalAveragePooling2D,
  globalAveragePooling3D,
  flatten,
  reshape,
  permute,
  repeatVector,
  zeroPadding1D,
  zeroPadding2D,
  zeroPadding3D,
  cropping1D,
  cropping2D,
  cropping3D,
  upSampling1D,
  upSampling2D,
  upSampling3D,
  resizing,
  centerCrop,
  add,
  subtract,
  average,
  multiply,
  maximum,
  minimum,
  dot,
  concatenate,
  dropout,
  gaussianNoise,
  gaussianDropout,
  rescaling,
];

const byKind = new Map(allOps.map((op) => [op.kind, op]));
const byClass = new Map(allOps.flatMap((op) => op.classes.map((name) => [name, op] as const)));

/** Ops that are one record for many kinds. */
const prefixed = [graphOperator, tfliteOperator];

/** The op of a node; throws MODEL_UNKNOWN_OP for a kind that is not in the registry. */
export function opOf(kind: string): Op {
  const op = prefixed.find(({ kind: prefix }) => kind.startsWith(prefix)) ?? byKind.get(kind);
  if (op !== undefined) return op;
  throw new StudioError({
    code: 'MODEL_UNKNOWN_OP',
    title: `This studio does not know the layer kind "${kind}".`,
    detail: `The kinds known here are ${[...byKind.keys()].join(', ')}.`,
    hint: 'Replace the layer in Keras by one of these and save the model again.',
    context: { op: kind },
  });
}

/** The op that reads a Keras class; undefined for a class the studio does not know. Convolutions in groups have ops of their own. */
export function opForClass(className: string, config: KerasConfig = {}): Op | undefined {
  const op = byClass.get(className);
  const grouped = typeof config.groups === 'number' && config.groups > 1;
  return grouped ? (byKind.get(`Grouped${op?.kind}`) ?? op) : op;
}
