/** Numbers rounded to the levels of a grid (`model/activation-grid.ts`). The loop is in `assembly/grid.ts`. */
import { floatWord, type SimdKernel } from './kernel.ts';

export interface GridArgs {
  readonly x: number;
  readonly y: number;
  readonly count: number;
  readonly scale: number;
  /** The least and the largest level, in steps. */
  readonly least: number;
  readonly most: number;
}

const span = 16384;

export const roundToGrid: SimdKernel<GridArgs> = {
  name: 'roundToGrid',
  words: ({ x, y, count, scale, least, most }) => [x, y, count, ...[scale, least, most].map(floatWord)],
  blocks: ({ count }) => Math.ceil(count / span),
  scratchBytes: () => 0,
};
