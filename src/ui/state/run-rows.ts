/** The runs as rows of a table: the original first, then each run, with what sets it apart from the baseline. */
import { compareFigure, type Difference, type Side } from '../../engine/compare.ts';
import type { Recipe } from '../../engine/recipe.ts';
import type { Figures } from '../../engine/report.ts';
import type { ModelSummary } from '../../workers/api.ts';
import { originalFigures } from './figures.ts';
import type { Run } from './runs.ts';

export interface RunRow {
  /** 0 is the original. */
  readonly number: number;
  /** Null for the original. */
  readonly run: Run | null;
  readonly recipe: Recipe;
  readonly side: Side;
  readonly figures: Figures;
  /** How many times smaller the gzipped file is than the original's. */
  readonly times: number | undefined;
}

/** All rows; the baseline stands first, then the original, then runs as they were finished. Empty before the first run. */
export function runRows(runs: readonly Run[], pinned: number): readonly RunRow[] {
  const last = runs.at(-1);
  if (last === undefined) return [];
  const original: RunRow = {
    number: 0,
    run: null,
    recipe: { ...last.recipe, steps: [] },
    side: 'original',
    figures: originalFigures(last.report),
    times: 1,
  };
  const rows = [original, ...runs.toSorted((a, b) => a.number - b.number).map(rowOf)];
  return rows.toSorted((a, b) => Number(b.number === pinned) - Number(a.number === pinned));
}

function rowOf(run: Run): RunRow {
  const { report, number, recipe } = run;
  const [before, after] = [report.before['size/gzip']?.value, report.after['size/gzip']?.value];
  const times = before === undefined || after === undefined || after === 0 ? undefined : before / after;
  return { number, run, recipe, side: report, figures: report.after, times };
}

/** How a figure of a row differs from the baseline's; undefined for the baseline itself and where it can't be said. */
export const differenceOf = (metric: string, baseline: RunRow, row: RunRow): Difference | undefined =>
  row === baseline ? undefined : compareFigure(metric, baseline.side, row.side);

/** A layer's payload in two runs; a side is absent where the run has no such layer. */
export interface LayerPair {
  readonly name: string;
  readonly from?: LayerSide;
  readonly to?: LayerSide;
}

export interface LayerSide {
  /** Bit-packed payload. */
  readonly bytes: number;
  readonly stored: string;
}

/**
 * The layers with weights of two rows, in the order of the first; layers that only the second has come last. `original` are the layers
 * of the opened model, which count as float32.
 */
export function layerPairs(from: RunRow, to: RunRow, original: ModelSummary['layers']): readonly LayerPair[] {
  const [a, b] = [layersOf(from, original), layersOf(to, original)];
  return [...new Set([...a.keys(), ...b.keys()])].map((name) => {
    const [before, after] = [a.get(name), b.get(name)];
    return { name, ...(before && { from: before }), ...(after && { to: after }) };
  });
}

function layersOf({ run }: RunRow, original: ModelSummary['layers']): ReadonlyMap<string, LayerSide> {
  const sides =
    run === null
      ? original.map(({ name, parameters }) => ({ name, parameters, bytes: 4 * parameters, stored: 'float32' }))
      : run.report.layers.map((layer) => ({ ...layer, bytes: layer.payloadAfter }));
  return new Map(sides.filter(({ parameters }) => parameters > 0).map(({ name, bytes, stored }) => [name, { bytes, stored }]));
}
