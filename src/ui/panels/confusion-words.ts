/** What a cell of a confusion matrix counts, before, after or between, and how it is said and coloured. */
import type { ConfusionCell } from '../../engine/metrics/confusion.ts';
import { count } from '../i18n/numbers.ts';

export type Side = 'before' | 'after' | 'change';
export const sides: readonly Side[] = ['before', 'after', 'change'];

export const amountOf = (cell: Pick<ConfusionCell, 'before' | 'after'> | undefined, side: Side): number =>
  cell === undefined ? 0 : side === 'change' ? cell.after - cell.before : cell[side];

export const signedCount = (value: number): string => (value > 0 ? '+' : value < 0 ? '−' : '') + count(Math.abs(value));

/** Grey is the original, the accent the result; of a difference, what is better and what is worse. */
export function toneOf(value: number, right: boolean, side: Side): string | undefined {
  if (value === 0) return undefined;
  if (side !== 'change') return side;
  return value > 0 === right ? 'better' : 'worse';
}
