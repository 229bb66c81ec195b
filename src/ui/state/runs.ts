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
  /** True where it was measured in an earlier visit and brought back. */
  readonly restored?: boolean;
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
  /** The run under the pointer, lit in chart and table alike: 0 is the original, below 0 stand points that a search tried. */
  readonly lit: number | null;
  /** The run that the others are told against; 0 is the original. */
  readonly pinned: number;
  /** The highest number that was ever given: none is given twice. */
  readonly last: number;
}

export const noRuns: RunsState = { runs: [], running: null, cut: null, lit: null, pinned: 0, last: 0 };

export const runsStore = createStore<RunsState>()(() => noRuns);
export const useRuns = bind(runsStore);

/** The run that was made with this recipe, if any. */
export const runOf = (state: RunsState, key: string): Run | undefined => state.runs.find((run) => run.key === key);

/** Adds a run; one of the same recipe gives way, its number stays. */
export function withRun(state: RunsState, run: Omit<Run, 'number'>): { readonly state: RunsState; readonly run: Run } {
  const old = runOf(state, run.key);
  const number = old?.number ?? Math.max(state.last, ...state.runs.map((other) => other.number)) + 1;
  const added = { ...run, number };
  const runs = [...state.runs.filter((other) => other !== old), added];
  return { state: { ...state, runs, last: Math.max(state.last, number) }, run: added };
}

/** Takes a run away; where it was the baseline, the original is again. */
export function withoutRun(state: RunsState, run: Run): RunsState {
  const pinned = state.pinned === run.number ? 0 : state.pinned;
  const lit = state.lit === run.number ? null : state.lit;
  return { ...state, runs: state.runs.filter((other) => other !== run), pinned, lit, last: Math.max(state.last, run.number) };
}

/** Puts a run back where it was in a state before; one of the same recipe that was made meanwhile stands. */
export function withRunBack(state: RunsState, run: Run, before: RunsState): RunsState {
  if (runOf(state, run.key) !== undefined) return state;
  const runs = state.runs.toSpliced(before.runs.indexOf(run), 0, run);
  return { ...state, runs, pinned: before.pinned === run.number ? run.number : state.pinned };
}
