/** Sums, means, maxima and minima of the rows of a matrix. The loops are in `assembly/rows.ts`. */
import type { SimdKernel } from './kernel.ts';

const operations = { sum: 0, mean: 1, maximum: 2, minimum: 3 } as const;

export type RowReduction = keyof typeof operations;

export interface ReduceRowsArgs {
  readonly operation: RowReduction;
  /** [rows, length] and [rows]. Of no numbers the sum is 0, the mean NaN, the maximum −∞, the minimum ∞. */
  readonly x: number;
  readonly y: number;
  readonly rows: number;
  readonly length: number;
}

const rowsOfBlock = (length: number): number => Math.max(1, Math.floor(16384 / Math.max(1, length)));

export const reduceRows: SimdKernel<ReduceRowsArgs> = {
  name: 'reduceRows',
  words: ({ operation, x, y, rows, length }) => [x, y, rows, length, rowsOfBlock(length), operations[operation]],
  blocks: ({ rows, length }) => Math.ceil(rows / rowsOfBlock(length)),
  scratchBytes: () => 0,
};
