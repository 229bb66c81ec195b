/**
 * Do two models say the same? For classifiers the share of equal answers with its Wilson interval; always the greatest and mean absolute difference
 * of their outputs. Needs no labels, so it also stands where no data was given (marked synthetic then).
 */
import type { Figures, Measured } from '../report.ts';
import { answerOf, noAnswer, proportion } from './accuracy.ts';

export interface AgreementCounter {
  /** Row-major [count, width] outputs of both models for the same samples. */
  add(before: Float32Array, after: Float32Array, count: number): void;
  figures(): AgreementFigures;
}

export interface AgreementFigures {
  readonly figures: Figures;
  readonly n: number;
  /** Samples with equal answers; null where outputs are values. */
  readonly same: number | null;
}

/** A running comparison. `answers` is true where outputs are classes. Outputs that are not finite in either model agree with nothing. */
export function createAgreementCounter(width: number, answers: boolean, synthetic: boolean): AgreementCounter {
  let [n, same, greatest, sum, compared] = [0, 0, 0, 0, 0];
  const mark = (figure: Measured): Measured => (synthetic ? { ...figure, synthetic } : figure);
  return {
    add(before, after, count) {
      n += count;
      for (let index = 0; answers && index < count; index++) {
        const answer = answerOf(before, index, width);
        if (answer !== noAnswer && answer === answerOf(after, index, width)) same++;
      }
      for (let index = 0; index < count * width; index++) {
        const difference = Math.abs((after[index] ?? NaN) - (before[index] ?? NaN));
        if (!Number.isFinite(difference)) continue;
        compared++;
        sum += difference;
        greatest = Math.max(greatest, difference);
      }
    },
    figures() {
      const differences: Figures =
        compared === 0
          ? {}
          : {
              'agreement/max': mark({ value: greatest, unit: '', n: compared, how: 'measured' }),
              'agreement/mean': mark({ value: sum / compared, unit: '', n: compared, how: 'measured' }),
            };
      return {
        figures: answers ? { 'agreement/top1': mark(proportion(same, n)), ...differences } : differences,
        n,
        same: answers ? same : null,
      };
    },
  };
}
