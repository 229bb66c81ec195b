/**
 * Measures why answers changed, while its tab is open: for the recipe in view, once its run is done and the thumb is up. A newer recipe
 * ends what is measured for an older one, and what was found stays in view until the new is there.
 */
import { wantsTrainingData } from '../../engine/techniques/trains.ts';
import type { AnswersView, Comparison, OutputPictures } from '../../workers/api.ts';
import { engine } from '../state/engine.ts';
import { exportsStore } from '../state/exports.ts';
import { clearProblem, isAbort, showProblem } from '../state/problems.ts';
import { recipeKey, recipeStore } from '../state/recipe.ts';
import { runOf, runsStore } from '../state/runs.ts';
import { searchStore } from '../state/search.ts';
import { session } from '../state/session.ts';
import { type Subject, sameSubject, whyStore } from '../state/why.ts';
import { runsByItself } from './run.ts';
import { trainingData } from './training-data.ts';

/** Outputs of models of pictures that are drawn. */
const mostPictures = 12;

/** What the page looks at: the recipe that was let go of, on what is open. */
function subject(): Subject | null {
  const { model, data } = session.getState();
  return model === null ? null : { model, data, key: recipeKey(recipeStore.getState().committed) };
}

/** Measures the recipe in view, instead of anything that is being measured. */
export async function measureWhy(): Promise<void> {
  const of = subject();
  stopWhy();
  if (of === null) return;
  const controller = new AbortController();
  const cancel = () => {
    controller.abort();
    if (isMine()) whyStore.setState({ running: null, stopped: of });
  };
  const isMine = () => whyStore.getState().running?.cancel === cancel;
  const onEvent: Parameters<ReturnType<typeof engine>['errorPath']>[1] = (event) => {
    if (isMine()) whyStore.setState({ running: { of, event, cancel } });
  };
  const { signal } = controller;
  const recipe = recipeStore.getState().committed;
  whyStore.setState({ running: { of, event: null, cancel }, stopped: null });
  clearProblem('why');
  try {
    const job: Comparison = {
      model: of.model.handle,
      data: of.data?.handle ?? null,
      training: wantsTrainingData(recipe) ? await trainingData() : null,
      recipe,
      result: runOf(runsStore.getState(), of.key)?.handle ?? null,
    };
    const path = await engine().errorPath(job, onEvent, signal);
    if (isMine()) whyStore.setState({ path: { of, path } });
    const view = await engine().compareAnswers(job, onEvent, signal);
    const [samples, outputs] = [await samplesOf(job, view), await outputsOf(job, view, signal)];
    if (isMine()) whyStore.setState({ answers: { of, view, samples, outputs } });
  } catch (thrown) {
    if (!isMine()) return;
    if (!signal.aborted && !isAbort(thrown)) showProblem('why', thrown);
    whyStore.setState({ stopped: of });
  } finally {
    if (isMine()) whyStore.setState({ running: null });
  }
}

/** Ends what is being measured, to be measured again when it is needed. */
function stopWhy(): void {
  whyStore.getState().running?.cancel();
  whyStore.setState({ stopped: null });
}

async function samplesOf(job: Comparison, view: AnswersView) {
  const listed = view.kind === 'classes' ? view.flipped : view.kind === 'values' ? view.worst : [];
  if (job.data === null || listed.length === 0) return { pictures: [], rows: [] };
  return engine().samplesAt(
    job,
    listed.map(({ index }) => index),
  );
}

async function outputsOf(job: Comparison, view: AnswersView, signal: AbortSignal): Promise<readonly OutputPictures[]> {
  if (view.kind !== 'pictures') return [];
  const indices = view.worst.slice(0, mostPictures).map(({ index }) => index);
  return engine().drawOutputs({ ...job, indices, view: { peak: view.peak, against: view.against } }, signal);
}

/** True where nothing else wants the device and the thumb is up. */
function atRest(): boolean {
  const { recipe, committed } = recipeStore.getState();
  const busy = [runsStore.getState().running, searchStore.getState().running, exportsStore.getState().busy];
  return recipe === committed && busy.every((work) => work === null);
}

/** Keeps the findings up to date while they are looked at; returns what ends that. */
export function followWhy(): () => void {
  const check = () => {
    const of = subject();
    const { running, path, answers, stopped } = whyStore.getState();
    if (of === null || (path !== null && path.of.model !== of.model)) whyStore.setState({ path: null, answers: null });
    if (running !== null && (of === null || !sameSubject(running.of, of) || !atRest())) stopWhy();
    if (of === null || !atRest() || whyStore.getState().running !== null) return;
    const known = sameSubject(path?.of, of) && sameSubject(answers?.of, of);
    if (known || (stopped !== null && sameSubject(stopped, of))) return;
    // A run that comes by itself is waited for; without one, only what was opened just now is measured unasked.
    const ran = runOf(runsStore.getState(), of.key) !== undefined;
    if (ran || (path === null && !runsByItself())) void measureWhy();
  };
  const stops = [session, recipeStore, runsStore, searchStore, exportsStore].map((store) => store.subscribe(check));
  check();
  return () => {
    for (const stop of stops) stop();
    stopWhy();
  };
}
