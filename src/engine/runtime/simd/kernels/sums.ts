/** Sums of the parts that blocks of another kernel left, in a fixed order. The loops are in `assembly/sums.ts`. */
import type { SimdKernel } from './kernel.ts';

export interface SumPartsArgs {
  /** Addresses of [parts, size] and [size]. */
  readonly from: number;
  readonly to: number;
  readonly parts: number;
  readonly size: number;
}

const span = 4096;

export const sumParts: SimdKernel<SumPartsArgs> = {
  name: 'sumParts',
  words: ({ from, to, parts, size }) => [from, to, parts, size],
  blocks: ({ size }) => Math.ceil(size / span),
  scratchBytes: () => 0,
};
