/** Steps of recurrent cells and their gradients. The loops, and what they compute, are in `assembly/recurrent.ts`. */
import type { SimdKernel } from './kernel.ts';

export interface StepArgs {
  /** Addresses of what is read and of what is made, in the order of the loop's words. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly rows: number;
  readonly units: number;
}

const rowsOfBlock = (units: number): number => Math.max(1, Math.floor(1024 / units));

const stepKernel = (name: string): SimdKernel<StepArgs> => ({
  name,
  words: ({ from, to, rows, units }) => [...from, ...to, rows, units, rowsOfBlock(units)],
  blocks: ({ rows, units }) => Math.ceil(rows / rowsOfBlock(units)),
  scratchBytes: () => 0,
});

/** p and q [rows, 4 units], c to h' and c' [rows, units]. */
export const lstmStep = stepKernel('lstmStep');
/** p, q, c, ∂h' and ∂c' to ∂p and ∂c. */
export const lstmStepGradient = stepKernel('lstmStepGradient');
/** p and q [rows, 3 units], h to h' [rows, units]. */
export const gruStep = stepKernel('gruStep');
/** p, q, h and ∂h' to ∂p, ∂q and ∂h. */
export const gruStepGradient = stepKernel('gruStepGradient');
