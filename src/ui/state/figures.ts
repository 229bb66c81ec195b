/**
 * The figures in view. The best answer for the recipe in view wins: a finished run, else what a going or cancelled run has
 * measured so far, else true sizes, else the estimate. What is only known of an earlier recipe is kept apart as `earlier`.
 */
import { createStore } from 'zustand/vanilla';
import type { Figures, Paired, Report } from '../../engine/report.ts';
import type { Estimate, ModelSummary } from '../../workers/api.ts';
import type { Run, RunsState } from './runs.ts';
import { runOf } from './runs.ts';
import { bind } from './use-store.ts';

export interface SizesState {
  /** The newest estimate, perhaps one frame behind the thumb. */
  readonly estimate: Estimate | null;
  /** True sizes of one recipe. */
  readonly measured: { readonly key: string; readonly value: Estimate } | null;
}

export const noSizes: SizesState = { estimate: null, measured: null };

export const sizesStore = createStore<SizesState>()(() => noSizes);
export const useSizes = bind(sizesStore);

export interface Shown {
  readonly before: Figures;
  readonly after: Figures;
  readonly paired: Readonly<Record<string, Paired>>;
  /** Figures of the last finished run where it was another recipe's. */
  readonly earlier: Figures;
  readonly report: Report | null;
}

/** The figures for a recipe's key, from everything that is known. */
export function shownFigures(key: string, original: Figures, sizes: SizesState, runs: RunsState): Shown {
  const run = runOf(runs, key);
  const last = runs.runs.at(-1)?.report;
  const before = { ...original, ...last?.before };
  if (run !== undefined) {
    return {
      before: { ...original, ...run.report.before },
      after: run.report.after,
      paired: run.report.paired,
      earlier: {},
      report: run.report,
    };
  }
  const going = runs.running?.key === key ? runs.running.event?.partial : undefined;
  const cut = runs.cut?.key === key ? runs.cut.figures : undefined;
  const measured = sizes.measured?.key === key ? sizes.measured.value.figures : undefined;
  return {
    before,
    after: { ...(measured ?? sizes.estimate?.figures), ...cut, ...going },
    paired: {},
    earlier: last?.after ?? {},
    report: null,
  };
}

/** A row of the layer table; what only a run can tell is absent before it. */
export interface LayerRow {
  readonly name: string;
  readonly op: string;
  readonly shape: readonly (number | null)[];
  readonly parameters: number;
  /** Absent where the input's size is open. */
  readonly macs?: number | null;
  readonly stored?: string;
  readonly payloadBefore: number;
  readonly payloadAfter?: number;
  readonly estimated: boolean;
  readonly sqnr?: number;
  readonly latencyShare?: number;
  readonly notes: readonly string[];
}

/** The layer table of a recipe: the report where there is one, else the model with estimated payloads. */
export function layerRows(summary: ModelSummary, report: Report | null, sizes: SizesState, key: string): readonly LayerRow[] {
  if (report !== null) return report.layers.map((layer) => ({ ...layer, estimated: false }));
  const measured = sizes.measured?.key === key ? sizes.measured.value : undefined;
  const known = new Map((measured ?? sizes.estimate)?.layers.map((layer) => [layer.name, layer]));
  return summary.layers.map((layer) => {
    const found = known.get(layer.name);
    return {
      name: layer.name,
      op: layer.op,
      shape: layer.shape,
      parameters: layer.parameters,
      ...(layer.macs !== null && { macs: layer.macs }),
      payloadBefore: layer.parameters * 4,
      ...(found !== undefined && { payloadAfter: found.payload }),
      estimated: measured === undefined,
      notes: [],
    };
  });
}

/** The figure that says how good the model is: accuracy, else the fit of values, else agreement with the original. */
export const qualityMetrics: readonly string[] = [
  'accuracy/top1',
  'accuracy/r2',
  'accuracy/mae',
  'agreement/top1',
  'agreement/mean',
];

export const qualityOf = (figures: Figures): string | undefined => qualityMetrics.find((metric) => figures[metric] !== undefined);

/** The quality that every run knows; runs without data know the agreement. */
export const qualityOfRuns = (runs: readonly Run[]): string =>
  qualityMetrics.find((metric) => runs.some((run) => run.report.after[metric] !== undefined)) ?? 'accuracy/top1';

/** The original as a run measured it; it agrees with itself on everything. */
export const originalFigures = (report: Report): Figures => ({
  ...('agreement/top1' in report.after && { 'agreement/top1': { value: 1, unit: 'fraction', how: 'measured' } }),
  ...report.before,
});
