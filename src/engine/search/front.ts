/**
 * Which of the tried points nobody would give up (the Pareto front of size and score), and the three that a person is offered.
 *
 *   Quality    the best score of the front, the smallest of equals
 *   Compact    the smallest that meets the goal
 *   Balanced   between the two the point farthest below the straight line that joins them, over the logarithm of the size: the knee
 */

export interface Tried {
  readonly id: number;
  /** Bytes of the gzipped file. */
  readonly gzip: number;
  readonly dropPoints: number;
  readonly meets: boolean;
}

export interface Picks {
  readonly quality: number | null;
  readonly balanced: number | null;
  readonly compact: number | null;
}

/** The points that no other beats in both, smallest first. */
export function frontOf<T extends Tried>(points: readonly T[]): T[] {
  const front: T[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const point of points.toSorted((a, b) => a.gzip - b.gzip || a.dropPoints - b.dropPoints || a.id - b.id)) {
    if (point.dropPoints >= least) continue;
    front.push(point);
    least = point.dropPoints;
  }
  return front;
}

/** The three picks, by id; null where no point of the front can stand for them. A pick may be another's too where points are few. */
export function picksOf(front: readonly Tried[]): Picks {
  const quality = front.at(-1) ?? null;
  const compact = front.find(({ meets }) => meets) ?? null;
  if (quality === null || compact === null) return { quality: quality?.id ?? null, balanced: null, compact: compact?.id ?? null };
  const between = front.filter(({ gzip }) => gzip > compact.gzip && gzip < quality.gzip);
  const depth = (point: Tried): number => {
    const along = Math.log(point.gzip / compact.gzip) / Math.log(quality.gzip / compact.gzip);
    return compact.dropPoints + along * (quality.dropPoints - compact.dropPoints) - point.dropPoints;
  };
  const knee = between.reduce((best, point) => (depth(point) > depth(best) ? point : best), compact);
  return { quality: quality.id, balanced: knee.id, compact: compact.id };
}
