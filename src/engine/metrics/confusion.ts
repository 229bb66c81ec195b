/**
 * Which classes are taken for which, before and after, as the cells that are not empty: never more of them than samples, whatever
 * the number of classes. Without labels the original's answer stands for the truth, and the matrix shows what the result changed.
 */
import { noAnswer } from './accuracy.ts';

export interface ConfusionCell {
  /** The label, or the original's answer where there are no labels. */
  readonly truth: number;
  readonly answer: number;
  /** Samples in the original and in the result; the difference matrix is after − before. */
  readonly before: number;
  readonly after: number;
}

export interface Confusion {
  readonly classes: number;
  /** True where `truth` is a label. */
  readonly labelled: boolean;
  /** By truth, then by answer. */
  readonly cells: readonly ConfusionCell[];
  /** Samples without an answer, because an output was not finite. */
  readonly unanswered: { readonly before: number; readonly after: number };
}

/** Counts the answers of both models for the same samples. */
export function confusionOf(
  labels: ArrayLike<number> | null,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  classes: number,
): Confusion {
  const cells = new Map<number, { truth: number; answer: number; before: number; after: number }>();
  const unanswered = { before: 0, after: 0 };
  const count = (truth: number, answer: number, side: 'before' | 'after'): void => {
    if (answer === noAnswer || truth === noAnswer) {
      unanswered[side]++;
      return;
    }
    const key = truth * classes + answer;
    const cell = cells.get(key) ?? { truth, answer, before: 0, after: 0 };
    cell[side]++;
    cells.set(key, cell);
  };
  for (let index = 0; index < before.length; index++) {
    const truth = (labels ?? before)[index] ?? noAnswer;
    count(truth, before[index] ?? noAnswer, 'before');
    count(truth, after[index] ?? noAnswer, 'after');
  }
  const ordered = [...cells].sort(([a], [b]) => a - b).map(([, cell]) => cell);
  return { classes, labelled: labels !== null, cells: ordered, unanswered };
}
