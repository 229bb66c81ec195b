/**
 * Latency of the original and the result, measured in alternating runs so that both meet the same machine. The statistics are
 * nonparametric: the interval of a median, and of the median of the paired differences, lies between the order statistics that
 * the sign test (Arbuthnot 1710) leaves at 95 %. No random draw: the same samples give the same figures.
 */
import { type Context, checkpoint } from '../context.ts';
import type { Model } from '../model/model.ts';
import { modelMacs } from '../model/topology.ts';
import type { Figures, Measured, Paired } from '../report.ts';
import type { Executor } from '../runtime/executor.ts';
import { latencyMargin } from './paired.ts';

/** Milliseconds of run `i` of the original and of the result, taken one after the other. */
export interface LatencySamples {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export interface LatencySummary {
  readonly before: Figures;
  readonly after: Figures;
  readonly paired: Paired;
}

export interface Latency extends LatencySummary {
  /** Share of the result's time that each node takes, 0–1, by name. */
  readonly layerShare: ReadonlyMap<string, number>;
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The value below which a share of the samples lies, between two samples by linear interpolation. */
export function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

/** The 95 % interval of the median by the sign test; undefined below six samples, which can't give one. */
export function medianInterval(sorted: readonly number[]): readonly [number, number] | undefined {
  const n = sorted.length;
  let term = -n * Math.LN2;
  let tail = Math.exp(term);
  let rank = 0;
  while (tail <= 0.025) {
    rank++;
    term += Math.log((n - rank + 1) / rank);
    tail += Math.exp(term);
  }
  const [low, high] = [sorted[rank - 1], sorted[n - rank]];
  return rank === 0 || low === undefined || high === undefined ? undefined : [low, high];
}

function measured(value: number, interval: readonly [number, number] | undefined, n: number, on: string): Measured {
  return { value, unit: 'ms', ...(interval === undefined ? {} : { interval }), n, how: 'measured', on };
}

function figures(samples: readonly number[], on: string): Figures {
  const sorted = ascending(samples);
  return {
    'latency/median': measured(quantile(sorted, 0.5), medianInterval(sorted), sorted.length, on),
    'latency/p95': measured(quantile(sorted, 0.95), undefined, sorted.length, on),
  };
}

function judge(interval: readonly [number, number] | undefined, margin: number): Paired['verdict'] {
  if (interval === undefined) return 'unresolved';
  const [low, high] = interval;
  if (low >= -margin && high <= margin) return 'none';
  if (high < 0) return 'better';
  return low > 0 ? 'worse' : 'unresolved';
}

const milliseconds = (value: number): string => `${Number(value.toPrecision(3))} ms`;

function explain(verdict: Paired['verdict'], interval: readonly [number, number] | undefined, n: number, margin: number): string {
  if (interval === undefined) return `${n} pairs of runs are too few for an interval; six are the least.`;
  const range = `between ${milliseconds(interval[0])} and ${milliseconds(interval[1])} (95 %, ${n} pairs of runs)`;
  const limit = `± ${milliseconds(margin)}, ${100 * latencyMargin} % of the original`;
  switch (verdict) {
    case 'none':
      return `No difference that matters: it lies ${range}, within ${limit}.`;
    case 'better':
      return `The result is faster: the difference lies ${range}.`;
    case 'worse':
      return `The result is slower: the difference lies ${range}.`;
    case 'unresolved':
      return `Not resolved: the difference lies ${range}; a verdict needs it on one side of 0 or within ${limit}.`;
  }
}

/** Medians, 95th percentiles and the paired difference of alternating runs. */
export function summarizeLatency(samples: LatencySamples, on: string): LatencySummary {
  const before = figures(samples.before, on);
  const differences = ascending(samples.after.map((value, run) => value - (samples.before[run] ?? Number.NaN)));
  const interval = medianInterval(differences);
  const margin = latencyMargin * (before['latency/median']?.value ?? Number.NaN);
  const verdict = judge(interval, margin);
  return {
    before,
    after: figures(samples.after, on),
    paired: {
      difference: measured(quantile(differences, 0.5), interval, differences.length, on),
      verdict,
      text: explain(verdict, interval, differences.length, margin),
    },
  };
}

export interface LatencyOptions {
  readonly before: Executor;
  readonly after: Executor;
  readonly inputs: readonly Float32Array[];
  /** Samples per run. */
  readonly count: number;
  readonly context: Pick<Context, 'signal' | 'report'>;
  readonly warmUp?: number;
  /** Runs of each model, unless the time is up. */
  readonly runs?: number;
  readonly budgetMs?: number;
  /** Quick models go on until this time, for a narrower interval. */
  readonly minimumMs?: number;
  readonly now?: () => number;
}

/** No model runs more often than this. */
const mostRuns = 1000;
/** A budget that is used up still leaves as many pairs as an interval needs. */
const leastRuns = 6;
const layerRuns = 10;

/** Times both models in alternating runs, as long as the options say. Cancelled within one run. */
export async function alternate(options: LatencyOptions): Promise<LatencySamples> {
  const { before, after, inputs, count, context, warmUp = 5, runs = 50, budgetMs = 3000, minimumMs = 300 } = options;
  const { now = () => performance.now() } = options;
  const time = async (executor: Executor): Promise<number> => {
    await checkpoint(context);
    const start = now();
    await executor.predict(inputs, count);
    return now() - start;
  };
  for (let run = 0; run < warmUp; run++) {
    await time(before);
    await time(after);
  }
  const samples = { before: [] as number[], after: [] as number[] };
  const start = now();
  for (let run = 0; run < mostRuns; run++) {
    const elapsed = now() - start;
    if (run >= leastRuns && (run < runs ? elapsed >= budgetMs : elapsed >= minimumMs)) break;
    // Which goes first alternates too, so that neither always finds the cache as the other left it.
    const order = run % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const);
    for (const side of order) samples[side].push(await time(side === 'before' ? before : after));
    context.report({ stage: 'latency', done: run + 1, total: Math.max(runs, run + 1) });
  }
  return samples;
}

/** Share of a batch's time that each node takes: medians over ten runs that wait for the device behind every node. */
export async function measureLayerShare(
  executor: Executor,
  inputs: readonly Float32Array[],
  count: number,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const samples = new Map<string, number[]>();
  for (let run = -1; run < layerRuns; run++) {
    await checkpoint({ signal });
    const times = await executor.timeNodes(inputs, count);
    if (run < 0) continue;
    for (const [name, value] of times) samples.set(name, [...(samples.get(name) ?? []), value]);
  }
  const medians = [...samples].map(([name, values]) => [name, quantile(ascending(values), 0.5)] as const);
  const total = medians.reduce((sum, [, value]) => sum + value, 0);
  return new Map(medians.map(([name, value]) => [name, total === 0 ? 1 / medians.length : value / total]));
}

/** Alternating runs of both models on the backend they were loaded on, then the result's time per node. Cancelled within one run. */
export async function measureLatency(options: LatencyOptions): Promise<Latency> {
  const { after, inputs, count, context } = options;
  const summary = summarizeLatency(await alternate(options), after.backend);
  return { ...summary, layerShare: await measureLayerShare(after, inputs, count, context.signal) };
}

/** Why the result can't be faster than the original under TF.js, in one sentence; undefined where it may be. */
export function whyNotFaster(before: Model, after: Model): string | undefined {
  const [cost, costAfter] = [modelMacs(before), modelMacs(after)];
  if (costAfter < cost || after.nodes.length < before.nodes.length) return undefined;
  const weights = [...after.weights.values()];
  if (weights.some(({ encoding }) => encoding.kind !== 'float32')) {
    return 'TF.js expands every weight to float32 when it loads a model, so that it computes the same at the same speed: quantization shrinks the file, not the time.';
  }
  if (weights.some(({ mask }) => mask !== undefined)) {
    return 'TF.js multiplies by zeros as by any other number, so that the time stays the same: pruning single weights shrinks the compressed file, not the time.';
  }
  return undefined;
}
