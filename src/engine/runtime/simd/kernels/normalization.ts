/**
 * Batch normalization over a matrix [rows, channels] and its gradients, and sums down columns. Training is `momentParts`, `moments`, `normalize`;
 * its gradient `normalizeGradientParts`, the parts added up by `sumParts`, `normalizeGradient`. The loops are in `assembly/normalization.ts`.
 */
import { type Clamp, clampWords, floatWord, type SimdKernel } from './kernel.ts';

export interface Matrix {
  readonly rows: number;
  readonly channels: number;
}

/** Rows of a block: some four thousand numbers, of which two tensors' fit the first cache, but no more than 256 parts. */
const rowsOfBlock = ({ rows, channels }: Matrix): number =>
  Math.max(1, Math.ceil(rows / 256), Math.min(rows, Math.floor(4096 / channels)));

/** How many parts sums over the rows are made in. */
export const rowParts = (matrix: Matrix): number => Math.ceil(matrix.rows / rowsOfBlock(matrix));

export interface ColumnPartsArgs extends Matrix {
  readonly x: number;
  /** [`rowParts`, channels]. */
  readonly parts: number;
}

export const columnParts: SimdKernel<ColumnPartsArgs> = {
  name: 'columnParts',
  words: (args) => [args.x, args.parts, args.rows, args.channels, rowsOfBlock(args)],
  blocks: rowParts,
  scratchBytes: () => 0,
};

export interface MomentsArgs extends Matrix {
  readonly x: number;
  /** [`rowParts`, 2, channels]. */
  readonly parts: number;
  readonly mean: number;
  /** Divided by the rows. */
  readonly variance: number;
}

export const momentParts: SimdKernel<MomentsArgs> = {
  name: 'momentParts',
  words: (args) => [args.x, args.parts, args.rows, args.channels, rowsOfBlock(args)],
  blocks: rowParts,
  scratchBytes: () => 0,
};

export const moments: SimdKernel<MomentsArgs> = {
  name: 'moments',
  words: (args) => [args.parts, args.mean, args.variance, args.rows, args.channels, rowsOfBlock(args), rowParts(args)],
  blocks: () => 1,
  scratchBytes: () => 0,
};

export interface NormalizeArgs extends Matrix {
  readonly x: number;
  readonly y: number;
  readonly mean: number;
  readonly variance: number;
  readonly gamma?: number;
  readonly beta?: number;
  readonly epsilon: number;
  readonly clamp?: Clamp;
}

export const normalize: SimdKernel<NormalizeArgs> = {
  name: 'normalize',
  words: (args) => [
    ...[args.x, args.y, args.mean, args.variance, args.gamma ?? 0, args.beta ?? 0],
    ...[args.rows, args.channels, rowsOfBlock(args), floatWord(args.epsilon), ...clampWords(args.clamp)],
  ],
  blocks: rowParts,
  scratchBytes: ({ channels }) => 4 * channels,
};

export interface NormalizeGradientArgs extends Matrix {
  readonly x: number;
  readonly dy: number;
  readonly dx: number;
  readonly mean: number;
  readonly variance: number;
  readonly gamma?: number;
  readonly epsilon: number;
  /** [`rowParts`, 2, channels], and their sums [2, channels]. */
  readonly parts: number;
  readonly sums: number;
  readonly dGamma: number;
  readonly dBeta: number;
  /** What was normalized with a clamp, and which. */
  readonly y?: number;
  readonly clamp?: Clamp;
}

export const normalizeGradientParts: SimdKernel<NormalizeGradientArgs> = {
  name: 'normalizeGradientParts',
  words: (args) => [
    ...[args.x, args.dy, args.mean, args.parts, args.rows, args.channels, rowsOfBlock(args)],
    ...[args.y ?? 0, ...clampWords(args.clamp)],
  ],
  blocks: rowParts,
  scratchBytes: () => 0,
};

export const normalizeGradient: SimdKernel<NormalizeGradientArgs> = {
  name: 'normalizeGradient',
  words: (args) => [
    ...[args.x, args.dy, args.dx, args.mean, args.variance, args.gamma ?? 0, args.sums, args.dGamma, args.dBeta],
    ...[args.rows, args.channels, rowsOfBlock(args), floatWord(args.epsilon), args.y ?? 0, ...clampWords(args.clamp)],
  ],
  blocks: rowParts,
  scratchBytes: ({ channels }) => 12 * channels,
};
