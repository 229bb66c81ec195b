/**
 * A second look. Of many candidates measured on the same samples, the one that just meets a limit is partly lucky there; so those that
 * meet it are measured again on samples that the search did not see, best first, until one meets the limit on both together.
 */
import type { Executor } from '../runtime/executor.ts';
import type { SearchGoal, SearchPoint } from './point.ts';
import { exchange } from './sensitivity.ts';
import { outputsOn, type Slice, scoreOf } from './slice.ts';

export interface ConfirmJob {
  readonly goal: SearchGoal;
  /** Samples that the search did not see. */
  readonly slice: Slice;
  /** Samples of the search. */
  readonly samples: number;
  readonly executor: Executor;
  readonly rebuild: (point: SearchPoint) => Promise<Parameters<typeof exchange>[1]>;
  readonly context: { readonly signal: AbortSignal };
}

/** The points with `confirmed` where they were looked at again; one that failed no longer meets the goal. */
export async function confirm(points: readonly SearchPoint[], job: ConfirmJob): Promise<SearchPoint[]> {
  const { goal, slice, samples, executor, context } = job;
  const confirmed = new Map<number, SearchPoint>();
  if (goal.kind === 'accuracy') {
    const meeting = points.filter(({ meets }) => meets).toSorted((a, b) => a.gzip - b.gzip);
    for (const point of meeting) {
      exchange(executor, await job.rebuild(point));
      const again = scoreOf(slice, await outputsOn(executor, slice, context));
      const dropPoints = (point.dropPoints * samples + again.dropPoints * slice.samples) / (samples + slice.samples);
      const meets = dropPoints <= goal.maxDropPoints;
      confirmed.set(point.id, { ...point, meets, confirmed: { dropPoints, samples: samples + slice.samples } });
      if (meets) break;
    }
  }
  return points.map((point) => confirmed.get(point.id) ?? point);
}
