/**
 * Top-1 and top-5 accuracy of one or two classifiers on the same samples, gathered batch by batch. Several outputs answer with the highest
 * (the first of equals, as argmax); a single output is a probability and answers class 1 above 0.5. A sample with an output
 * that is not finite counts as wrong.
 */
import type { Figures, Measured, Paired } from '../report.ts';
import { wilson } from './intervals.ts';
import { pairedAccuracy } from './paired.ts';

/** The answer where an output was not finite. */
export const noAnswer = -1;

/** The class that sample `index` of row-major [count, classes] outputs is given. */
export function answerOf(outputs: Float32Array, index: number, classes: number): number {
  const start = index * classes;
  if (classes === 1) {
    const value = outputs[start] ?? NaN;
    return Number.isFinite(value) ? Number(value > 0.5) : noAnswer;
  }
  let best = 0;
  for (let offset = 0; offset < classes; offset++) {
    const value = outputs[start + offset] ?? NaN;
    if (!Number.isFinite(value)) return noAnswer;
    if (value > (outputs[start + best] ?? 0)) best = offset;
  }
  return best;
}

/** How many classes are ranked before `label`: 0 where it is the answer. */
function rankOf(outputs: Float32Array, index: number, classes: number, label: number): number {
  const start = index * classes;
  const own = outputs[start + label] ?? -Infinity;
  let rank = 0;
  for (let offset = 0; offset < classes; offset++) {
    const value = outputs[start + offset] ?? 0;
    if (value > own || (value === own && offset < label)) rank++;
  }
  return rank;
}

export interface AccuracyCounter {
  /** Row-major [count, classes] outputs of each model and the labels of the same samples. */
  add(before: Float32Array, after: Float32Array | null, labels: ArrayLike<number>): void;
  figures(): AccuracyFigures;
}

export interface AccuracyFigures {
  readonly n: number;
  readonly before: Figures;
  readonly after: Figures | null;
  readonly paired: { readonly [metric: string]: Paired };
  readonly correct: { readonly before: number; readonly after: number | null };
  /** Samples with an output that was not finite, counted as wrong. */
  readonly unanswered: { readonly before: number; readonly after: number };
}

interface Tally {
  correct: number;
  top5: number;
  unanswered: number;
}

/** A running count for models with `classes` outputs; top-5 is told where there are more than five. */
export function createAccuracyCounter(classes: number): AccuracyCounter {
  const before: Tally = { correct: 0, top5: 0, unanswered: 0 };
  const after: Tally = { correct: 0, top5: 0, unanswered: 0 };
  let [n, gained, lost, two] = [0, 0, 0, false];
  const count = (tally: Tally, outputs: Float32Array, index: number, label: number): boolean => {
    const answer = answerOf(outputs, index, classes);
    if (answer === noAnswer) tally.unanswered++;
    else if (rankOf(outputs, index, classes, label) < 5) tally.top5++;
    if (answer === label) tally.correct++;
    return answer === label;
  };
  const figuresOf = ({ correct, top5 }: Tally): Figures => ({
    'accuracy/top1': proportion(correct, n),
    ...(classes > 5 ? { 'accuracy/top5': proportion(top5, n) } : {}),
  });
  return {
    add(outputsBefore, outputsAfter, labels) {
      two ||= outputsAfter !== null;
      for (let index = 0; index < labels.length; index++) {
        const label = labels[index] ?? noAnswer;
        const right = count(before, outputsBefore, index, label);
        n++;
        if (!outputsAfter) continue;
        const still = count(after, outputsAfter, index, label);
        if (still && !right) gained++;
        if (right && !still) lost++;
      }
    },
    figures: () => ({
      n,
      before: figuresOf(before),
      after: two ? figuresOf(after) : null,
      paired: two ? { 'accuracy/top1': pairedAccuracy(gained, lost, n) } : {},
      correct: { before: before.correct, after: two ? after.correct : null },
      unanswered: { before: before.unanswered, after: after.unanswered },
    }),
  };
}

/** A share of n samples, as a fraction with its Wilson interval. */
export function proportion(count: number, n: number): Measured {
  return { value: n === 0 ? 0 : count / n, unit: 'fraction', interval: wilson(count, n), n, how: 'measured' };
}
