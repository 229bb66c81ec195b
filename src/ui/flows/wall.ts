/**
 * Fills the wall and lets it follow the thumb: one call at a time, of those waiting only the newest setting, and a call that lasts too
 * long is given up for a newer one. A net that turns out too slow is shown with fewer samples. While a run is lit, the wall shows that run's
 * answers, and afterwards again those of the recipe in view.
 */
import type { Recipe } from '../../engine/recipe.ts';
import type { ModelHandle } from '../../workers/api.ts';
import { fewerSamples, sampleCount } from '../state/answers.ts';
import { engine } from '../state/engine.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { recipeKey, recipeStore } from '../state/recipe.ts';
import { runsStore } from '../state/runs.ts';
import { searchStore } from '../state/search.ts';
import { session } from '../state/session.ts';
import { trainingStore } from '../state/training.ts';
import { noWall, wallStore } from '../state/wall.ts';
import { latest } from './latest.ts';

/** A call older than this is stopped when a newer setting comes, ms. */
const patience = 1000;
/** Answers should take no longer than this, or the wall shows fewer samples, ms. */
const slow = 700;
/** Slow calls in a row after which it does. */
const slowCalls = 3;
/** Tiles on a phone: 6 × 4. */
const phoneCount = 24;
const phone = window.matchMedia('(width < 720px)');

/** A pointer that only passes over a run lights it for less, ms. */
const passing = 120;

/** Whose answers are wanted: a run's, or those of the recipe in view. */
interface Wanted {
  readonly recipe: Recipe;
  readonly run: number | null;
  /** The run's model, where the worker still has it: then nothing has to be applied. */
  readonly result?: ModelHandle;
}

const inView = (): Wanted => ({ recipe: recipeStore.getState().recipe, run: null });

let flight: { readonly controller: AbortController; readonly since: number } | null = null;
let slowInRow = 0;
/** The first call loads both models; its time says nothing about the next ones. */
let warm = false;

const answer = latest<Wanted>(async ({ run, ...wanted }) => {
  const { model, data } = session.getState();
  const { data: shown, count } = wallStore.getState();
  if (model === null || data === null || shown !== data) return;
  const controller = new AbortController();
  flight = { controller, since: performance.now() };
  const isCurrent = () => wallStore.getState().data === data && wallStore.getState().count === count;
  try {
    const answers = await engine().live({ model: model.handle, data: data.handle, count, ...wanted }, controller.signal);
    if (!isCurrent()) return;
    wallStore.setState({ answers, run });
    clearProblem('wall');
    weigh(performance.now() - flight.since);
  } catch (thrown) {
    if (isCurrent() && !controller.signal.aborted) showProblem('wall', thrown);
  } finally {
    flight = null;
  }
});

function weigh(milliseconds: number): void {
  slowInRow = warm && milliseconds > slow ? slowInRow + 1 : 0;
  warm = true;
  const { count } = wallStore.getState();
  if (slowInRow >= slowCalls && fewerSamples(count) < count) show(fewerSamples(count));
}

/** Puts so many samples of the open data on the wall. */
function show(count: number): void {
  const { model, data } = session.getState();
  flight?.controller.abort();
  [slowInRow, warm] = [0, false];
  if (model === null || data === null) {
    wallStore.setState(noWall);
    return;
  }
  // The pictures that came with the data stand in until those of the wall are there.
  wallStore.setState({ data, count, thumbnails: data.thumbnails, answers: null, run: null });
  void loadThumbnails(count);
  answer(inView());
}

async function loadThumbnails(count: number): Promise<void> {
  const { model, data } = session.getState();
  if (model === null || data === null || data.thumbnails.length === 0) return;
  try {
    const thumbnails = await engine().liveThumbnails(model.handle, data.handle, count);
    const wall = wallStore.getState();
    if (wall.data === data && wall.count === count) wallStore.setState({ thumbnails });
  } catch (thrown) {
    if (session.getState().data === data) showProblem('wall', thrown);
  }
}

function start(): void {
  const { model } = session.getState();
  const count = model === null ? 0 : sampleCount(model.summary);
  show(phone.matches ? Math.min(phoneCount, count) : count);
}

/** Stops the call that is on its way once it is older than so many milliseconds. */
function giveWay(age: number): void {
  if (flight !== null && performance.now() - flight.since > age) flight.controller.abort();
}

let lighting: ReturnType<typeof setTimeout> | undefined;

/** Shows the answers of the run that is lit, or returns to the recipe in view. */
function showLit(): void {
  if (session.getState().data === null) return;
  const { lit } = runsStore.getState();
  const wanted = (lit === null ? undefined : litRun(lit)) ?? inView();
  if (wanted.run === null && wallStore.getState().run === null && flight === null) return;
  giveWay(0);
  answer(wanted);
}

/** What is behind a dot or a row; undefined for the recipe in view, whose answers are there already. */
function litRun(number: number): Wanted | undefined {
  const { recipe } = recipeStore.getState();
  const run = runsStore.getState().runs.find((one) => one.number === number);
  const point = searchStore.getState().points.find(({ id }) => -id === number);
  const lit = number === 0 ? { ...recipe, steps: [] } : (run ?? point)?.recipe;
  if (lit === undefined || recipeKey(lit) === recipeKey(recipe)) return undefined;
  return { recipe: lit, run: number, ...(run?.handle && { result: run.handle }) };
}

/** Ties the wall to the recipe, the model and the data. Called once. */
export function followWall(): void {
  session.subscribe((now, before) => {
    if (now.data !== before.data || now.model !== before.model) start();
  });
  recipeStore.subscribe(({ recipe }, before) => {
    if (recipe === before.recipe || session.getState().data === null) return;
    giveWay(patience);
    answer(inView());
  });
  runsStore.subscribe(({ lit }, before) => {
    if (lit === before.lit) return;
    clearTimeout(lighting);
    lighting = setTimeout(showLit, passing);
  });
  trainingStore.subscribe((now, before) => {
    if (now.finished !== before.finished) answer(inView());
  });
  phone.addEventListener('change', start);
}
