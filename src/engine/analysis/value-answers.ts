/** Models that predict values: a fair number of points for a scatter plot, and the samples that changed for the worse, worst first. */
import type { AnswerTally } from './answers.ts';
import { createWorst } from './worst.ts';

export interface ValueSample {
  readonly index: number;
  /** The first value that is wanted; null without targets. */
  readonly target: number | null;
  readonly before: number;
  readonly after: number;
  /** Growth of the mean absolute error over all the sample's values; without targets their mean change. */
  readonly worse: number;
}

export interface ValueAnswers {
  readonly kind: 'values';
  readonly worst: readonly ValueSample[];
  /** The first samples, at most 500. */
  readonly points: readonly ValueSample[];
  /** Samples left out because an output was not finite. */
  readonly unanswered: number;
}

const mostPoints = 500;

export function createValueTally({
  targets,
  width,
  top,
}: {
  readonly targets: Float32Array | null;
  readonly width: number;
  readonly top: number;
}): AnswerTally {
  const worst = createWorst<ValueSample>(top, ({ worse }) => worse);
  const points: ValueSample[] = [];
  let unanswered = 0;
  return {
    add(batch) {
      for (let row = 0; row < batch.count; row++) {
        const index = batch.start + row;
        let worse = 0;
        for (let column = 0; column < width; column++) {
          const before = batch.before[row * width + column] ?? 0;
          const after = batch.after[row * width + column] ?? 0;
          const target = targets?.[index * width + column] ?? before;
          worse += (Math.abs(after - target) - Math.abs(before - target)) / width;
        }
        if (!Number.isFinite(worse)) {
          unanswered++;
          continue;
        }
        const [before = 0, after = 0] = [batch.before[row * width], batch.after[row * width]];
        const sample = { index, target: targets?.[index * width] ?? null, before, after, worse };
        if (worse > 0) worst.add(sample);
        if (points.length < mostPoints) points.push(sample);
      }
    },
    result: () => ({ kind: 'values', worst: worst.list(), points, unanswered }),
  };
}
