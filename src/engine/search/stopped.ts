/** The limit that ended a search, in words: what would have to give for more. */
import type { SearchGoal, SearchPoint, StoppedBy } from './point.ts';

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

function points(value: number): string {
  const rounded = Number(value.toFixed(2));
  return `${rounded} ${Math.abs(rounded) === 1 ? 'point' : 'points'}`;
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const dropOf = ({ dropPoints, confirmed }: SearchPoint): number => confirmed?.dropPoints ?? dropPoints;

/** The sentence for a limit; `best` is the point that serves the goal best. A goal that nothing meets is what stopped the search. */
export function stoppedBy(
  code: StoppedBy['code'],
  goal: SearchGoal,
  tried: readonly SearchPoint[],
  best: SearchPoint | undefined,
): StoppedBy {
  if (code === 'cancelled' && tried.length === 0)
    return { code, text: 'The search was stopped before any candidate was measured.' };
  if (code === 'cancelled')
    return { code, text: `The search was stopped after ${tried.length} candidates; what it found stays.` };
  if (best === undefined) return { code: 'unreachable', text: unreachable(goal, tried) };
  if (code === 'evaluations') return { code, text: `All ${tried.length} candidates of the budget were measured.` };
  if (code === 'smallest') return { code, text: 'Every layer stands its smallest setting: there is nothing smaller to try.' };
  if (goal.kind === 'size') {
    const text = `The limit is ${kilobytes(goal.maxBytes)}: nothing else that was tried and fits in it loses less than ${points(dropOf(best))}.`;
    return { code: 'goal', text };
  }
  const smaller = tried.filter(({ gzip }) => gzip < best.gzip).map(dropOf);
  const next = smaller.length === 0 ? '' : `; everything smaller that was tried lost ${points(least(smaller))} or more`;
  return {
    code: 'goal',
    text: `The limit is ${points(goal.maxDropPoints)}: the smallest within it has ${kilobytes(best.gzip)}${next}.`,
  };
}

function unreachable(goal: SearchGoal, tried: readonly SearchPoint[]): string {
  return goal.kind === 'accuracy'
    ? `No candidate stays within ${points(goal.maxDropPoints)}; the best lost ${points(least(tried.map(dropOf)))}.`
    : `No candidate is as small as ${kilobytes(goal.maxBytes)}; the smallest has ${kilobytes(least(tried.map(({ gzip }) => gzip)))}.`;
}
