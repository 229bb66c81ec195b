/**
 * What two models answered, made readable: the class of each, whether the change made it right or wrong, and the few classes worth
 * showing. Answers are read as the accuracy figure reads them (argmax; a single output is the chance of class 1, cut at 0.5).
 */
import { answerOf } from '../../engine/metrics/accuracy.ts';
import type { LiveAnswers } from '../../workers/api.ts';

/** What the numbers of an answer are: chances or scores of classes, one value to be predicted, or something that has no single answer. */
export type AnswerKind = 'classes' | 'value' | 'outputs';

/** `other`: the answer changed and neither was right, or nobody knows what is right. */
export type Change = 'same' | 'now-wrong' | 'now-right' | 'other';

export interface Tile {
  /** Row in the answers. */
  readonly row: number;
  /** Position of the sample in the data. */
  readonly index: number;
  /** The class, or value, it should be; null where that is not known. */
  readonly truth: number | null;
  readonly before: number;
  readonly after: number;
  readonly change: Change;
}

/** How the numbers of answers are to be read. `flat` tells that the model's output has one axis. */
export function kindOfAnswers(answers: LiveAnswers, classNames: readonly string[], flat: boolean): AnswerKind {
  const { labels, targets, width } = answers;
  if (labels !== undefined) {
    const classes = Math.max(classNames.length, ...Array.from(labels, (label) => label + 1));
    return targets !== undefined && width === 1 && classes > 2 ? 'value' : 'classes';
  }
  if (targets !== undefined) return width === 1 ? 'value' : 'outputs';
  return flat && width > 1 ? 'classes' : width === 1 ? 'value' : 'outputs';
}

/** One tile per sample. */
export function tilesOf(answers: LiveAnswers, kind: AnswerKind): readonly Tile[] {
  const { indices, before, after, width, labels, targets } = answers;
  return indices.map((index, row) => {
    if (kind !== 'classes') {
      const truth = kind === 'value' ? (targets?.[row] ?? labels?.[row] ?? null) : null;
      return { row, index, truth, before: before[row * width] ?? 0, after: after[row * width] ?? 0, change: 'same' };
    }
    const truth = labels?.[row] ?? null;
    const [was, is] = [answerOf(before, row, width), answerOf(after, row, width)];
    return { row, index, truth, before: was, after: is, change: changeOf(was, is, truth) };
  });
}

/** What a change of answer means. */
export function changeOf(before: number, after: number, truth: number | null): Change {
  if (before === after) return 'same';
  if (before === truth) return 'now-wrong';
  return after === truth ? 'now-right' : 'other';
}

export interface Tally {
  readonly n: number;
  readonly changed: number;
  readonly nowWrong: number;
  readonly nowRight: number;
}

export function tallyOf(tiles: readonly Tile[]): Tally {
  const of = (change: Change) => tiles.filter((tile) => tile.change === change).length;
  return {
    n: tiles.length,
    changed: tiles.length - of('same'),
    nowWrong: of('now-wrong'),
    nowRight: of('now-right'),
  };
}

export interface ClassScore {
  readonly label: number;
  readonly before: number;
  readonly after: number;
}

export interface Scores {
  /** True where the numbers are chances, 0–1; else they are the model's raw scores. */
  readonly chances: boolean;
  readonly classes: readonly ClassScore[];
}

/** The classes worth showing of one row: each model's answer, then those that either holds most likely; highest first. */
export function topScores(answers: Pick<LiveAnswers, 'before' | 'after' | 'width'>, row: number, count = 3): Scores {
  const [before, after] = [scoresOf(answers.before, row, answers.width), scoresOf(answers.after, row, answers.width)];
  const chances = areChances(before) && areChances(after);
  const classes = before.map((score, label) => ({ label, before: score, after: after[label] ?? Number.NaN }));
  const strongest = (a: ClassScore, b: ClassScore) => Math.max(b.before, b.after) - Math.max(a.before, a.after);
  const winners = [answerOf(answers.before, row, answers.width), answerOf(answers.after, row, answers.width)];
  const ranked = classes.toSorted(strongest);
  const first = ranked.filter(({ label }) => winners.includes(label));
  const rest = ranked.filter(({ label }) => !winners.includes(label));
  return { chances, classes: [...first, ...rest].slice(0, Math.max(count, first.length)).toSorted(strongest) };
}

/** A row's numbers; the chance of one class alone becomes the chances of both. */
function scoresOf(outputs: Float32Array, row: number, width: number): number[] {
  const scores = Array.from(outputs.subarray(row * width, (row + 1) * width));
  const [only] = scores;
  return width === 1 && only !== undefined && only >= 0 && only <= 1 ? [1 - only, only] : scores;
}

function areChances(scores: readonly number[]): boolean {
  const sum = scores.reduce((total, score) => total + score, 0);
  return scores.length > 1 && scores.every((score) => score >= 0 && score <= 1) && Math.abs(sum - 1) < 1e-3;
}

/** Steps of the wall: the cost a net may have and the samples it then shows. */
const sizes: readonly { readonly macs: number; readonly parameters: number; readonly count: number }[] = [
  { macs: 2e7, parameters: 1e6, count: 100 },
  { macs: 1.2e8, parameters: 5e6, count: 48 },
  { macs: 1e9, parameters: 3e7, count: 24 },
];
const fewest = 12;

/** How many samples a net can answer under the thumb: 100 of LeNet-5 or ResNet8, 24 of MobileNet at 224 pixels. */
export function sampleCount(net: { readonly parameters: number; readonly macs: number | null }): number {
  const fits = ({ macs, parameters }: (typeof sizes)[number]) => (net.macs ?? 0) <= macs && net.parameters <= parameters;
  return sizes.find(fits)?.count ?? fewest;
}

/** The next smaller number of samples, where a wall turned out too slow to follow; the same where it is the smallest. */
export const fewerSamples = (count: number): number => sizes.find((size) => size.count < count)?.count ?? Math.min(count, fewest);
