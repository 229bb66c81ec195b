/**
 * What the original answered on all samples, kept from run to run: it changes with the data, its scaling and the backend, never with the
 * recipe. Bounded: beyond so many bytes nothing is kept, and the original answers again.
 */
import type { Dataset, Preprocessing } from './data/dataset.ts';

/** A batch's outputs, one row-major array an output. */
type Outputs = readonly Float32Array[];

export interface KnownAnswers {
  /** The outputs of `count` samples from `start` on, where they are known. */
  at(start: number, count: number): Outputs | undefined;
  keep(start: number, count: number, outputs: Outputs): void;
}

export interface AnswerCache {
  /** What is known of the original on this data, scaled so, on this backend; anything else that was known is forgotten. */
  of(dataset: Dataset, preprocessing: Preprocessing, backend: string): KnownAnswers;
}

/** Room for ten classes of 800,000 samples, or a thousand of 8,000. */
const roomBytes = 32 * 2 ** 20;

/** A cache for one original. */
export function createAnswerCache(room = roomBytes): AnswerCache {
  let key: readonly unknown[] = [];
  let known: KnownAnswers = knownAnswers(room);
  return {
    of(...wanted) {
      if (!wanted.every((part, index) => part === key[index])) known = knownAnswers(room);
      key = wanted;
      return known;
    },
  };
}

function knownAnswers(room: number): KnownAnswers {
  const batches = new Map<string, Outputs>();
  let left = room;
  return {
    at: (start, count) => batches.get(`${start} ${count}`),
    keep(start, count, outputs) {
      const bytes = outputs.reduce((sum, output) => sum + output.byteLength, 0);
      if (bytes > left) return;
      left -= bytes;
      batches.set(`${start} ${count}`, outputs);
    },
  };
}
