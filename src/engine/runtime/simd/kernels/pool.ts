/** Maxima and means of windows of NHWC pictures, and their gradients. The loops, and what of NaN and padding, are in `assembly/pool.ts`. */
import { shapeWords, type WindowShape } from './convolution.ts';
import { listsBytes, rowsOfBlock } from './depthwise.ts';
import { clampWords, type SimdKernel } from './kernel.ts';

export type PoolKind = 'max' | 'mean';

export interface PoolArgs {
  /** `inChannels` and `outChannels` are the same. */
  readonly shape: WindowShape;
  readonly kind: PoolKind;
  readonly x: number;
  readonly y: number;
}

export interface PoolGradientArgs {
  readonly shape: WindowShape;
  readonly kind: PoolKind;
  /** The input; a mean doesn't look at it. */
  readonly x: number;
  readonly dy: number;
  readonly dx: number;
}

const kinds = { max: 0, mean: 1 } as const;

export const pool: SimdKernel<PoolArgs> = {
  name: 'pool',
  words: ({ shape, kind, x, y }) => [
    ...[x, 0, y, 0],
    ...shapeWords(shape),
    ...clampWords(),
    ...[rowsOfBlock(shape.outWidth, shape.inChannels), kinds[kind]],
  ],
  blocks: ({ shape }) => Math.ceil((shape.batch * shape.outHeight) / rowsOfBlock(shape.outWidth, shape.inChannels)),
  scratchBytes: ({ shape }) => listsBytes(shape, shape.outHeight, shape.outWidth),
};

const pictures = ({ inHeight, inWidth, inChannels }: WindowShape): number => rowsOfBlock(inHeight * inWidth, inChannels);

export const poolGradient: SimdKernel<PoolGradientArgs> = {
  name: 'poolGradient',
  words: ({ shape, kind, x, dy, dx }) => [
    ...[x, dy, dx, 0],
    ...shapeWords(shape),
    ...clampWords(),
    ...[pictures(shape), kinds[kind]],
  ],
  blocks: ({ shape }) => Math.ceil(shape.batch / pictures(shape)),
  scratchBytes: ({ shape }) => listsBytes(shape, shape.outHeight, shape.outWidth),
};
