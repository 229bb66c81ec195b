/** Softmax of the rows of a matrix, and its cross-entropy with targets. The loops are in `assembly/softmax.ts`. */
import type { SimdKernel } from './kernel.ts';

export interface SoftmaxArgs {
  readonly x: number;
  readonly y: number;
  readonly rows: number;
  readonly columns: number;
}

const rowsOfBlock = (columns: number): number => Math.max(1, Math.floor(4096 / columns));

export const softmax: SimdKernel<SoftmaxArgs> = {
  name: 'softmax',
  words: ({ x, y, rows, columns }) => [x, y, rows, columns, rowsOfBlock(columns)],
  blocks: ({ rows, columns }) => Math.ceil(rows / rowsOfBlock(columns)),
  scratchBytes: () => 0,
};

export interface SoftmaxCrossEntropyArgs {
  /** Logits and targets, [rows, columns]. */
  readonly x: number;
  readonly targets: number;
  /** The loss of each row, and the slope of that loss by each logit. */
  readonly loss: number;
  readonly slope: number;
  readonly rows: number;
  readonly columns: number;
}

export const softmaxCrossEntropy: SimdKernel<SoftmaxCrossEntropyArgs> = {
  name: 'softmaxCrossEntropy',
  words: ({ x, targets, loss, slope, rows, columns }) => [x, targets, loss, slope, rows, columns, rowsOfBlock(columns)],
  blocks: ({ rows, columns }) => Math.ceil(rows / rowsOfBlock(columns)),
  scratchBytes: () => 0,
};
