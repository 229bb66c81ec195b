/** Where two runtimes answer differently, class by class: by the true class where it is known, else by what the first one answered. */
import { noAnswer } from './accuracy.ts';
import type { AnswersOfBoth } from './outcomes.ts';

export interface ClassAgreement {
  readonly label: number;
  readonly samples: number;
  /** Samples with the same answer in both; what is not finite agrees with nothing. */
  readonly same: number;
  /** Right answers of each; null where no truth is known. */
  readonly right: { readonly before: number; readonly after: number } | null;
}

/** One entry per class that occurs, ascending. */
export function agreementByClass({ before, after }: AnswersOfBoth, labels: Int32Array | undefined): readonly ClassAgreement[] {
  const known = labels !== undefined;
  const counts = new Map<number, { samples: number; same: number; before: number; after: number }>();
  for (const [sample, was] of before.entries()) {
    const label = labels?.[sample] ?? was;
    if (label === noAnswer) continue;
    const is = after?.[sample] ?? noAnswer;
    const count = counts.get(label) ?? { samples: 0, same: 0, before: 0, after: 0 };
    counts.set(label, count);
    count.samples++;
    if (was !== noAnswer && was === is) count.same++;
    if (was === label) count.before++;
    if (is === label) count.after++;
  }
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([label, { samples, same, ...right }]) => ({ label, samples, same, right: known ? right : null }));
}
