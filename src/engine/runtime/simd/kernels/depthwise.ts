/**
 * Depthwise convolutions and their gradients. A shape's `outChannels` are its `inChannels` times the multiplier; filters are
 * [height, width, in, multiplier]. The loops are in `assembly/depthwise.ts`.
 */
import {
  type ConvolutionArgs,
  type FilterGradientArgs,
  type InputGradientArgs,
  picturesOfPart,
  shapeWords,
  type WindowShape,
} from './convolution.ts';
import { clampWords, type SimdKernel } from './kernel.ts';
import { sumParts } from './sums.ts';

/** A block has about so many outputs. */
const outputs = 8192;

/** Rows of a block, counted over all pictures. */
export const rowsOfBlock = (columns: number, channels: number): number => Math.max(1, Math.round(outputs / (columns * channels)));

const multiplier = ({ inChannels, outChannels }: WindowShape): number => outChannels / inChannels;

/** Lists of taps for each of `rows` and `columns` places, and the pairs at one place. */
export function listsBytes({ filterHeight, filterWidth }: WindowShape, rows: number, columns: number): number {
  return 4 * (rows * (1 + 2 * filterHeight) + columns * (1 + 2 * filterWidth)) + 8 * filterHeight * filterWidth;
}

export const depthwise: SimdKernel<ConvolutionArgs> = {
  name: 'depthwise',
  words: ({ shape, x, filter, y, bias = 0, clamp }) => [
    ...[x, filter, y, bias],
    ...shapeWords(shape),
    ...clampWords(clamp),
    ...[rowsOfBlock(shape.outWidth, shape.outChannels), multiplier(shape)],
  ],
  blocks: ({ shape }) => Math.ceil((shape.batch * shape.outHeight) / rowsOfBlock(shape.outWidth, shape.outChannels)),
  scratchBytes: ({ shape }) => listsBytes(shape, shape.outHeight, shape.outWidth),
};

export const depthwiseInputGradient: SimdKernel<InputGradientArgs> = {
  name: 'depthwiseInputGradient',
  words: ({ shape, dy, filter, dx }) => [
    ...[dy, filter, dx, 0],
    ...shapeWords(shape),
    ...clampWords(),
    ...[rowsOfBlock(shape.inWidth, shape.inChannels), multiplier(shape)],
  ],
  blocks: ({ shape }) => Math.ceil((shape.batch * shape.inHeight) / rowsOfBlock(shape.inWidth, shape.inChannels)),
  scratchBytes: ({ shape }) => listsBytes(shape, shape.inHeight, shape.inWidth),
};

const filterSize = ({ filterHeight, filterWidth, outChannels }: WindowShape): number => filterHeight * filterWidth * outChannels;

/** How many parts a depthwise filter's gradient is summed in. */
export const depthwiseFilterParts = (shape: WindowShape): number =>
  Math.ceil(shape.batch / picturesOfPart(shape.batch, filterSize(shape)));

export const depthwiseFilterGradient: SimdKernel<FilterGradientArgs> = {
  name: 'depthwiseFilterGradient',
  words: ({ shape, x, dy, parts }) => [
    ...[x, dy, parts, 0],
    ...shapeWords(shape),
    ...clampWords(),
    ...[picturesOfPart(shape.batch, filterSize(shape)), multiplier(shape)],
  ],
  blocks: ({ shape }) => depthwiseFilterParts(shape),
  scratchBytes: () => 0,
};

/** The second half of `depthwiseFilterGradient`: the parts added up. */
export const depthwiseFilterSum = ({ shape, parts }: FilterGradientArgs, gradient: number) =>
  [sumParts, { from: parts, to: gradient, parts: depthwiseFilterParts(shape), size: filterSize(shape) }] as const;
