/** Finished runs, each a dot and a row, and the one that is going. A run belongs to the model and data it was made with. */
import { createStore } from 'zustand/vanilla';
import type { Recipe } from '../../engine/recipe.ts';
import type { Figures, Report } from '../../engine/report.ts';
import type { ModelHandle, RunEvent } from '../../workers/api.ts';
import { bind } from './use-store.ts';

export interface Run {
  /** 1, 2, 3 … in the order they finished. */
  readonly number: number;
  readonly key: string;
  readonly recipe: Recipe;
  /** The compressed model in the worker; null once it was freed to save memory (running the recipe again brings it back). */
  readonly handle: ModelHandle | null;
  readonly report: Report;
}

export interface Running {
  readonly key: string;
  readonly event: RunEvent | null;
  readonly cancel: () => void;
  readonly done: Promise<Run | null>;
}

export interface RunsState {
  readonly runs: readonly Run[];
  readonly running: Running | null;
  /** What a cancelled run had measured by then. */
  readonly cut: { readonly key: string; readonly figures: Figures } | null;
  /** The run under the pointer, lit in chart and table alike. */
  readonly lit: number | null;
}

export const noRuns: RunsState = { runs: [], running: null, cut: null, lit: null };

export const runsStore = createStore<RunsState>()(() => noRuns);
export const useRuns = bind(runsStore);

/** The run that was made with this recipe, if any. */
export const runOf = (state: RunsState, key: string): Run | undefined => state.runs.find((run) => run.key === key);

/** Adds a run; one of the same recipe gives way, its number stays. */
export function withRun(state: RunsState, run: Omit<Run, 'number'>): { readonly state: RunsState; readonly run: Run } {
  const old = runOf(state, run.key);
  const number = old?.number ?? Math.max(0, ...state.runs.map((other) => other.number)) + 1;
  const added = { ...run, number };
  return { state: { ...state, runs: [...state.runs.filter((other) => other !== old), added] }, run: added };
}
