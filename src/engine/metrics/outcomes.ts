/**
 * How a run did sample by sample, one bit each: enough to compare any two runs on the same samples as exactly as a run with its
 * original. Ten thousand samples are 2.5 kB of hexadecimal digits. Bit i % 4 of digit ⌊i / 4⌋ belongs to sample i.
 */
import { noAnswer } from './accuracy.ts';

export interface Outcomes {
  /** Samples, in the order of the data. */
  readonly n: number;
  /** Set where the answer was right; absent where there are no classes to be right about. */
  readonly right?: string;
  /** Set where the answer was the original's. */
  readonly same: string;
}

export interface AnswersOfBoth {
  readonly before: Int32Array;
  readonly after: Int32Array | null;
}

/** The outcomes of a result's answers; null where there are none. */
export function outcomesOf(answers: AnswersOfBoth | null, labels: Int32Array | undefined): Outcomes | null {
  const after = answers?.after;
  if (!answers || !after) return null;
  const said = (sample: number): number => after[sample] ?? noAnswer;
  const answered = (sample: number): boolean => said(sample) !== noAnswer;
  return {
    n: after.length,
    ...(labels === undefined ? {} : { right: packed(after.length, (i) => answered(i) && said(i) === labels[i]) }),
    same: packed(after.length, (i) => answered(i) && said(i) === answers.before[i]),
  };
}

function packed(n: number, holds: (sample: number) => boolean): string {
  let digits = '';
  for (let start = 0; start < n; start += 4) {
    let digit = 0;
    for (let bit = 0; bit < 4 && start + bit < n; bit++) if (holds(start + bit)) digit |= 1 << bit;
    digits += digit.toString(16);
  }
  return digits;
}

/** Samples that hold in `to` alone and in `from` alone; null where the two are not of the same length. */
export function discordant(from: string, to: string): { readonly gained: number; readonly lost: number } | null {
  if (from.length !== to.length) return null;
  let [gained, lost] = [0, 0];
  for (let at = 0; at < from.length; at++) {
    const [a, b] = [Number.parseInt(from[at] ?? '0', 16), Number.parseInt(to[at] ?? '0', 16)];
    gained += ones(b & ~a);
    lost += ones(a & ~b);
  }
  return { gained, lost };
}

const ones = (digit: number): number => (digit & 1) + ((digit >> 1) & 1) + ((digit >> 2) & 1) + ((digit >> 3) & 1);
