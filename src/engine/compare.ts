/**
 * Two runs of one model on the same data, compared figure by figure. Right and equal answers are compared sample by sample (McNemar,
 * Tango), where both runs kept them. Other measured figures are compared by their own intervals: the difference of two estimates lies
 * within d ± √(…), each side from the ends that face it (MOVER: Zou & Donner 2008, Stat. Med. 27:1693; for proportions Newcombe's
 * method 10), which on the same samples is wider than need be, never narrower. Counts and sizes are exact.
 */
import { discordant } from './metrics/outcomes.ts';
import { pairedAccuracy } from './metrics/paired.ts';
import type { Figures, Measured, Paired, Report } from './report.ts';

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

/** What the compared run is measured against: another run, or the original as `to` itself measured it. */
export type Baseline = Report | 'original';

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

/** The figures of a baseline. The original agrees with itself on everything. */
export function figuresOf(baseline: Baseline, to: Report): Figures {
  return baseline === 'original' ? to.before : baseline.after;
}

/** How one figure of `to` differs from the baseline's; undefined where that can't be said. */
export function compareFigure(metric: string, baseline: Baseline, to: Report): Difference | undefined {
  const [a, b] = [figuresOf(baseline, to)[metric], to.after[metric]];
  if (a === undefined || b === undefined) return undefined;
  const less = lessIsBetter.has(metric);
  if (!less && !moreIsBetter.has(metric)) return undefined;
  if (exact.has(metric)) return judged({ value: b.value - a.value, unit: a.unit, how: 'measured' }, 'exact', less);
  if (baseline === 'original') {
    const own = to.paired[metric];
    return own === undefined ? independent(metric, a, b, 0) : fromPaired(own, less);
  }
  return pairedBits(metric, baseline, to) ?? independent(metric, a, b, drift(metric, baseline, to));
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
  const { verdict: sign } = judged(difference, 'paired', less);
  return {
    difference,
    basis: 'paired',
    // A difference that is sure but too small to matter is called none, as it is where a run is told alone.
    verdict: verdict === 'none' ? 'none' : sign,
    ...(pValue === undefined ? {} : { pValue }),
  };
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
  return judged({ value, unit, interval, how: 'measured' }, 'independent', lessIsBetter.has(metric));
}

/** Better or worse only where the whole interval, or the exact value, lies on one side of zero. */
function judged(difference: Measured, basis: Basis, less: boolean): Difference {
  const [low, high] = difference.interval ?? (basis === 'exact' ? [difference.value, difference.value] : [-Infinity, Infinity]);
  const verdict = low > 0 ? (less ? 'worse' : 'better') : high < 0 ? (less ? 'better' : 'worse') : 'none';
  return { difference, basis, verdict };
}
