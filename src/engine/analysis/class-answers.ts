/** Classifiers: samples whose answer flipped, confusion before and after, and the ROC curve where there are two classes. */
import { answerOf, noAnswer } from '../metrics/accuracy.ts';
import { type Confusion, confusionOf } from '../metrics/confusion.ts';
import { type RocPoint, rocArea, rocCurve, rocDifference } from '../metrics/roc.ts';
import type { Measured, Paired } from '../report.ts';
import type { AnswerTally } from './answers.ts';
import { createWorst } from './worst.ts';

export interface FlippedSample {
  readonly index: number;
  /** Null without labels. */
  readonly label: number | null;
  /** Classes; −1 where an output was not finite. */
  readonly before: number;
  readonly after: number;
  /** Probability of the label, or of the original's answer without labels. */
  readonly probabilityBefore: number;
  readonly probabilityAfter: number;
  /** before − after; what the list is ordered by. */
  readonly drop: number;
  /** `lost`: right before; `gained`: right now; `changed`: wrong both times, or no label. */
  readonly turn: 'lost' | 'gained' | 'changed';
}

export interface RocView {
  readonly before: readonly RocPoint[];
  readonly after: readonly RocPoint[];
  readonly areaBefore: Measured;
  readonly areaAfter: Measured;
  readonly difference: Paired;
}

export interface ClassAnswers {
  readonly kind: 'classes';
  readonly flipped: readonly FlippedSample[];
  /** All that flipped, whether listed or not. */
  readonly flippedCount: number;
  readonly confusion: Confusion;
  /** Null for more than two classes, without labels, or where one class has no sample. */
  readonly roc: RocView | null;
}

interface ClassTallyOptions {
  readonly labels: Int32Array | null;
  readonly width: number;
  readonly total: number;
  readonly top: number;
  /** False where outputs are logits. */
  readonly probabilities: boolean;
}

export function createClassTally({ labels, width, total, top, probabilities }: ClassTallyOptions): AnswerTally {
  const [before, after] = [new Int32Array(total), new Int32Array(total)];
  const [scoresBefore, scoresAfter] = [new Float64Array(total), new Float64Array(total)];
  const worst = createWorst<FlippedSample>(top, ({ drop }) => drop);
  const chance = (outputs: Float32Array, row: number, label: number) => probabilityOf(outputs, row, width, label, probabilities);
  let [flippedCount, seen] = [0, 0];
  return {
    add(batch) {
      for (let row = 0; row < batch.count; row++) {
        const index = batch.start + row;
        const [was, is] = [answerOf(batch.before, row, width), answerOf(batch.after, row, width)];
        before[index] = was;
        after[index] = is;
        scoresBefore[index] = chance(batch.before, row, 1);
        scoresAfter[index] = chance(batch.after, row, 1);
        seen++;
        if (was === is) continue;
        flippedCount++;
        const label = labels?.[index] ?? null;
        const asked = label ?? was;
        const probabilityBefore = chance(batch.before, row, asked);
        const probabilityAfter = chance(batch.after, row, asked);
        const turn = label === null ? 'changed' : was === label ? 'lost' : is === label ? 'gained' : 'changed';
        const drop = probabilityBefore - probabilityAfter;
        worst.add({ index, label, before: was, after: is, probabilityBefore, probabilityAfter, drop, turn });
      }
    },
    result() {
      const classes = Math.max(2, width);
      const confusion = confusionOf(
        labels?.subarray(0, seen) ?? null,
        before.subarray(0, seen),
        after.subarray(0, seen),
        classes,
      );
      const roc = classes === 2 && labels !== null ? rocView(scoresBefore, scoresAfter, labels.subarray(0, total)) : null;
      return { kind: 'classes', flipped: worst.list(), flippedCount, confusion, roc };
    },
  };
}

/** The probability of a class in one row; 0 where an output is not finite. */
export function probabilityOf(outputs: Float32Array, row: number, width: number, label: number, probabilities: boolean): number {
  const values = outputs.subarray(row * width, (row + 1) * width);
  if (label === noAnswer || !values.every(Number.isFinite)) return 0;
  if (width === 1) return label === 1 ? (values[0] ?? 0) : 1 - (values[0] ?? 0);
  const own = values[label] ?? 0;
  if (probabilities) return own;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - own);
  return 1 / sum;
}

function rocView(before: Float64Array, after: Float64Array, labels: Int32Array): RocView | null {
  const [areaBefore, areaAfter] = [rocArea(before, labels), rocArea(after, labels)];
  const difference = rocDifference(before, after, labels);
  if (areaBefore === null || areaAfter === null || difference === null) return null;
  return { before: rocCurve(before, labels), after: rocCurve(after, labels), areaBefore, areaAfter, difference };
}
