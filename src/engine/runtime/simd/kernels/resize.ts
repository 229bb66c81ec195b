/** Bilinear interpolation of NHWC pictures. The loops, and where places lie, are in `assembly/resize.ts`. */
import { rowsOfBlock } from './depthwise.ts';
import type { SimdKernel } from './kernel.ts';

export interface ResizeBilinearArgs {
  readonly x: number;
  readonly y: number;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly newHeight: number;
  readonly newWidth: number;
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

const tall = ({ newWidth, channels }: ResizeBilinearArgs): number => rowsOfBlock(newWidth, channels);

export const resizeBilinear: SimdKernel<ResizeBilinearArgs> = {
  name: 'resizeBilinear',
  words: (args) => [
    ...[args.x, args.y, args.batch, args.height, args.width, args.channels, args.newHeight, args.newWidth],
    ...[+args.alignCorners, +args.halfPixelCenters, tall(args)],
  ],
  blocks: (args) => Math.ceil((args.batch * args.newHeight) / tall(args)),
  scratchBytes: ({ newWidth }) => 12 * newWidth,
};
