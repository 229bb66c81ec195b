/** Running the recipe in view: one run at a time, a newer one takes the older one's place, a cancelled one leaves what it had measured. */
import { trains, wantsTrainingData } from '../../engine/techniques/trains.ts';
import type { ModelHandle } from '../../workers/api.ts';
import { engine } from '../state/engine.ts';
import { exportsStore } from '../state/exports.ts';
import { clearProblem, isAbort, showProblem } from '../state/problems.ts';
import { recipeKey, recipeStore } from '../state/recipe.ts';
import { noRuns, type Run, runOf, runsStore, withRun } from '../state/runs.ts';
import { session } from '../state/session.ts';
import { trainingStore, withEvent } from '../state/training.ts';
import { view } from '../state/view.ts';
import { probeOnce } from './device.ts';
import { trainingData } from './training-data.ts';

/** Models below this many parameters are measured again whenever a dial is let go of. */
const smallModel = 1_000_000;
/** Results that stay in the worker's memory; older ones are made again when they are saved. */
const keptResults = 6;

let automatic: ReturnType<typeof setTimeout> | undefined;

/** True where letting go of a dial is enough to measure: a small model, and nothing to train. */
export function runsByItself(): boolean {
  const { model, data } = session.getState();
  const small = model !== null && data !== null && model.summary.parameters < smallModel;
  return small && !trains(recipeStore.getState().committed);
}

/** Ends a run that began by itself once its recipe is no longer the one in view: it would hold the device for a stale result. */
export function dropStaleRun(): void {
  const { running } = runsStore.getState();
  const stale = running !== null && running.key !== recipeKey(recipeStore.getState().recipe);
  if (!stale || !runsByItself() || exportsStore.getState().busy !== null) return;
  // It is not "cancelled" to the visitor: the next one follows when the thumb lets go.
  runsStore.setState({ running: null });
  running.cancel();
}

/** Measures soon, unless the recipe moves on, was measured already or is being saved. */
export function runSoon(delay = 350): void {
  clearTimeout(automatic);
  if (!runsByItself()) return;
  automatic = setTimeout(() => {
    const key = recipeKey(recipeStore.getState().committed);
    const { running } = runsStore.getState();
    if (exportsStore.getState().busy !== null || running?.key === key) return;
    if (runOf(runsStore.getState(), key) === undefined) void startRun();
    else running?.cancel();
  }, delay);
}

/** Runs the recipe in view; null where it was cancelled or failed (the page then shows why). */
export function startRun(): Promise<Run | null> {
  clearTimeout(automatic);
  const { model, data } = session.getState();
  if (model === null) return Promise.resolve(null);
  runsStore.getState().running?.cancel();
  const recipe = recipeStore.getState().committed;
  const key = recipeKey(recipe);
  const controller = new AbortController();
  const learns = trains(recipe);
  const isMine = () => runsStore.getState().running?.done === done;
  const perform = async (): Promise<Run | null> => {
    try {
      const training = wantsTrainingData(recipe) ? await trainingData() : null;
      controller.signal.throwIfAborted();
      const result = await engine().run(
        { model: model.handle, data: data?.handle ?? null, training, recipe },
        (event) => {
          if (!isMine()) return;
          runsStore.setState(({ running }) => ({ running: running && { ...running, event } }));
          const { training: step } = event;
          if (step !== undefined) trainingStore.setState(({ curves }) => ({ curves: withEvent(curves, step) }));
        },
        controller.signal,
      );
      if (controller.signal.aborted || session.getState().model?.handle !== model.handle) {
        void engine().close(result.handle);
        return null;
      }
      return finish({ key, recipe, ...result });
    } catch (thrown) {
      if (!controller.signal.aborted && !isAbort(thrown)) showProblem('run', thrown);
      else keepPartial(key, isMine());
      return null;
    } finally {
      if (isMine()) runsStore.setState({ running: null });
    }
  };
  // The promise is needed as the run's identity before the first event can arrive.
  const done: Promise<Run | null> = Promise.resolve().then(perform);
  clearProblem('run');
  trainingStore.setState({ key, curves: [], paused: false });
  if (learns) view.setState({ lower: 'training' });
  runsStore.setState({ running: { key, event: null, cancel: () => controller.abort(), done }, cut: null });
  return done;
}

function finish(run: Omit<Run, 'number'>): Run {
  const old = runOf(runsStore.getState(), run.key)?.handle;
  if (old) void engine().close(old);
  const { state, run: added } = withRun(runsStore.getState(), run);
  runsStore.setState({ runs: freeOldest(state.runs) });
  if (run.report.training !== undefined) trainingStore.setState(({ finished }) => ({ finished: finished + 1 }));
  void probeOnce();
  return added;
}

function freeOldest(runs: readonly Run[]): readonly Run[] {
  const excess = runs.filter((run) => run.handle !== null).slice(0, -keptResults);
  for (const { handle } of excess) void engine().close(handle as ModelHandle);
  return runs.map((run) => (excess.includes(run) ? { ...run, handle: null } : run));
}

function keepPartial(key: string, mine: boolean): void {
  const partial = runsStore.getState().running?.event?.partial;
  if (mine && partial !== undefined) runsStore.setState({ cut: { key, figures: partial } });
}

/** The finished run of the recipe in view with its model at hand, made now where there is none. */
export async function ensureRun(): Promise<(Run & { readonly handle: ModelHandle }) | null> {
  const key = recipeKey(recipeStore.getState().committed);
  const state = runsStore.getState();
  let run: Run | null | undefined = runOf(state, key);
  if (!run?.handle) run = await (state.running?.key === key ? state.running.done : startRun());
  return run?.handle ? { ...run, handle: run.handle } : null;
}

/** Forgets all runs and frees their models: the model or the data changed. */
export function forgetRuns(): void {
  clearTimeout(automatic);
  const { runs, running } = runsStore.getState();
  running?.cancel();
  for (const { handle } of runs) if (handle !== null) void engine().close(handle);
  runsStore.setState(noRuns);
  exportsStore.setState({ known: new Map() });
}
