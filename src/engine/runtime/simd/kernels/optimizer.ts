/**
 * One step of Adam, AdamW or SGD with momentum over all parameters at once, bit for bit that of `train/optimizer.ts`. The loops are in
 * `assembly/optimizer.ts`, where the sums of squares are too that gradients are clipped by.
 */
import type { SimdKernel } from './kernel.ts';

export interface SimdParameter {
  /** Addresses of the numbers, the gradient, and the running averages (the second for Adam), and of factors of the rate. */
  readonly values: number;
  readonly gradient: number;
  readonly first: number;
  readonly second?: number;
  readonly paces?: number;
  readonly count: number;
  /** Adam: what the numbers are multiplied with before the step. Momentum: how much of the numbers is added to the gradient. */
  readonly decay?: number;
}

export interface OptimizerStepArgs {
  readonly kind: 'adam' | 'momentum';
  readonly rate: number;
  /** Adam: what is added to the root of the second average. */
  readonly floor?: number;
  readonly parameters: readonly SimdParameter[];
}

const span = 8192;

/** Blocks of arrays one after the other, each beginning one of its own. */
export const spansOf = (arrays: readonly { readonly count: number }[]): number =>
  arrays.reduce((sum, { count }) => sum + Math.ceil(count / span), 0);

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

function doubleWords(value: number): readonly number[] {
  double[0] = value;
  return [...halves];
}

export const optimizerStep: SimdKernel<OptimizerStepArgs> = {
  name: 'optimizerStep',
  words({ kind, rate, floor = 0, parameters }) {
    let block = 0;
    const records = parameters.flatMap(({ values, gradient, first, second = 0, paces = 0, count, decay }) => {
      const words = [values, gradient, first, second, paces, count, block, 0, ...doubleWords(decay ?? +(kind === 'adam'))];
      block += Math.ceil(count / span);
      return words;
    });
    return [parameters.length, +(kind === 'momentum'), ...doubleWords(rate), ...doubleWords(floor), ...records];
  },
  blocks: ({ parameters }) => spansOf(parameters),
  scratchBytes: () => 0,
};

export interface SquarePartsArgs {
  readonly arrays: readonly { readonly address: number; readonly count: number }[];
  /** Where a sum for each block goes, in double precision; `spansOf(arrays)` of them. */
  readonly parts: number;
}

export const squareParts: SimdKernel<SquarePartsArgs> = {
  name: 'squareParts',
  words({ arrays, parts }) {
    let block = 0;
    const records = arrays.flatMap(({ address, count }) => {
      const words = [address, count, block];
      block += Math.ceil(count / span);
      return words;
    });
    return [arrays.length, parts, ...records];
  },
  blocks: ({ arrays }) => spansOf(arrays),
  scratchBytes: () => 0,
};
