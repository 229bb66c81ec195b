/** From TF.js' attributes of convolutions and pools to the sizes that kernels take. */
import * as tf from '@tensorflow/tfjs-core';
import type { WindowShape } from '../kernels/convolution.ts';

export type Shape4 = [number, number, number, number];
type Padding = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;

export interface WindowAttrs {
  readonly strides: number | [number, number];
  readonly pad: Padding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: 'NHWC' | 'NCHW';
  /** TF.js' own depthwise layers say null for none. */
  readonly dilations?: number | [number, number] | null;
}

/** The kernels' own words for a window; undefined where channels come first. */
export function windowShape(
  input: readonly number[],
  filter: readonly number[],
  { strides, pad, dimRoundingMode, dataFormat = 'NHWC', dilations }: WindowAttrs,
  depthwise = false,
): WindowShape | undefined {
  if (dataFormat !== 'NHWC') return undefined;
  const sizes = [input as Shape4, filter as Shape4, strides, dilations ?? 1, pad, dimRoundingMode, depthwise] as const;
  return shapeOf(tf.backend_util.computeConv2DInfo(...sizes));
}

export function shapeOf(info: tf.backend_util.Conv2DInfo): WindowShape {
  const { batchSize: batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  return {
    ...{ batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth },
    ...{ strideHeight, strideWidth, dilationHeight, dilationWidth, padTop: padInfo.top, padLeft: padInfo.left },
  };
}

/** Multiply-adds of a window operation, which are those of its gradients too. */
export const windowWork = (shape: WindowShape, perPlace: number): number =>
  shape.batch * shape.outHeight * shape.outWidth * shape.filterHeight * shape.filterWidth * perPlace;
