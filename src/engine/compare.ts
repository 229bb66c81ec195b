/**
 * Two runs of one model on the same data, compared figure by figure. Right and equal answers are compared sample by sample (McNemar,
 * Tango), where both runs kept them. Other measured figures are compared by their own intervals: the difference of two estimates lies
 * within d ± √(…), each side from the ends that face it (MOVER: Zou & Donner 2008, Stat. Med. 27:1693; for proportions Newcombe's
 * method 10), which on the same samples is wider than need be, never narrower. Counts and sizes are exact.
 */
import { discordant } from './metrics/outcomes.ts';
import { latencyMargin, pairedAccuracy } from './metrics/paired.ts';
import type { Measured, Paired, Report } from './report.ts';

/** What a difference rests on: nothing to doubt, the same samples, or each run's own interval. */
export type Basis = 'exact' | 'paired' | 'independent';

export interface Difference {
  /** to − from, in the figure's unit; accuracy and agreement in points. */
  readonly difference: Measured;
  readonly basis: Basis;
  /** `none`: the interval includes zero, or lies within the margin that matters. */
  readonly verdict: 'better' | 'worse' | 'none';
  /** Exact McNemar p, where the same samples were compared. */
  readonly pValue?: number;
}

/** A run, or the original as the run beside it measured it. */
export type Side = Report | 'original';

const exact: ReadonlySet<string> = new Set([
  'size/gzip',
  'size/file',
  'size/payload',
  'parameters/all',
  'parameters/nonzero',
  'macs',
]);
const moreIsBetter: ReadonlySet<string> = new Set(['accuracy/top1', 'accuracy/top5', 'accuracy/r2', 'agreement/top1']);
const lessIsBetter: ReadonlySet<string> = new Set(['accuracy/mae', 'latency/median', ...exact]);
const bits = { 'accuracy/top1': 'right', 'agreement/top1': 'same' } as const;

/** How one figure of `to` differs from that of `from`; undefined where that can't be said. */
export function compareFigure(metric: string, from: Side, to: Side): Difference | undefined {
  if (to === 'original') return from === 'original' ? undefined : turned(compareFigure(metric, to, from));
  const [a, b] = [(from === 'original' ? to.before : from.after)[metric], to.after[metric]];
  if (a === undefined || b === undefined) return undefined;
  const less = lessIsBetter.has(metric);
  if (!less && !moreIsBetter.has(metric)) return undefined;
  if (exact.has(metric)) return judged({ value: b.value - a.value, unit: a.unit, how: 'measured' }, 'exact', less);
  if (from === 'original') {
    const own = to.paired[metric];
    return own === undefined ? independent(metric, a, b, 0) : fromPaired(own, less);
  }
  return pairedBits(metric, from, to) ?? independent(metric, a, b, drift(metric, from, to));
}

/** The same difference, seen from the other side. */
function turned(found: Difference | undefined): Difference | undefined {
  if (found === undefined) return undefined;
  const { difference, verdict } = found;
  const { interval } = difference;
  return {
    ...found,
    difference: { ...difference, value: -difference.value, ...(interval && { interval: [-interval[1], -interval[0]] as const }) },
    verdict: verdict === 'better' ? 'worse' : verdict === 'worse' ? 'better' : 'none',
  };
}

/** What both runs said of each sample, where both kept it and saw the same samples. */
function pairedBits(metric: string, from: Report, to: Report): Difference | undefined {
  if (metric !== 'accuracy/top1' && metric !== 'agreement/top1') return undefined;
  const field = bits[metric];
  const [a, b] = [from.outcomes?.[field], to.outcomes?.[field]];
  // Synthetic inputs are drawn from the recipe's seed.
  const synthetic = to.after[metric]?.synthetic === true && from.recipe.seed !== to.recipe.seed;
  if (a === undefined || b === undefined || synthetic || from.outcomes?.n !== to.outcomes?.n) return undefined;
  const counts = discordant(a, b);
  return counts === null ? undefined : fromPaired(pairedAccuracy(counts.gained, counts.lost, to.outcomes?.n ?? 0), false);
}

function fromPaired({ difference, verdict, pValue }: Paired, less: boolean): Difference {
  const found = judged(difference, 'paired', less);
  // A sure difference within the margin that matters is none, here as beside the size.
  const small = verdict === 'none';
  return { ...found, ...(small && { verdict: 'none' }), ...(pValue === undefined ? {} : { pValue }) };
}

/** How far the machine itself moved between two runs: what the original's own median did. */
function drift(metric: string, from: Report, to: Report): number {
  if (!metric.startsWith('latency/')) return 0;
  return Math.abs((to.before[metric]?.value ?? 0) - (from.before[metric]?.value ?? 0));
}

function independent(metric: string, a: Measured, b: Measured, widened: number): Difference | undefined {
  if (a.on !== b.on) return undefined;
  const scale = a.unit === 'fraction' ? 100 : 1;
  const value = (b.value - a.value) * scale;
  const unit = a.unit === 'fraction' ? 'points' : a.unit;
  const [from, to] = [a.interval, b.interval];
  if (from === undefined || to === undefined)
    return { difference: { value, unit, how: 'measured' }, basis: 'independent', verdict: 'none' };
  const down = Math.hypot(b.value - to[0], from[1] - a.value) + widened;
  const up = Math.hypot(to[1] - b.value, a.value - from[0]) + widened;
  const interval = [value - down * scale, value + up * scale] as const;
  const found = judged({ value, unit, interval, how: 'measured' }, 'independent', lessIsBetter.has(metric));
  const margin = metric.startsWith('latency/') ? latencyMargin * a.value : 0;
  return interval[0] >= -margin && interval[1] <= margin ? { ...found, verdict: 'none' } : found;
}

/** Better or worse only where the whole interval, or the exact value, lies on one side of zero. */
function judged(difference: Measured, basis: Basis, less: boolean): Difference {
  const [low, high] = difference.interval ?? (basis === 'exact' ? [difference.value, difference.value] : [-Infinity, Infinity]);
  const verdict = low > 0 ? (less ? 'worse' : 'better') : high < 0 ? (less ? 'better' : 'worse') : 'none';
  return { difference, basis, verdict };
}
