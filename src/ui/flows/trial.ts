/** Asks both models about an input of the visitor's own, again whenever the recipe moves. One call at a time, the newest wins. */
import type { OwnInput } from '../../workers/api.ts';
import { engine } from '../state/engine.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { recipeStore } from '../state/recipe.ts';
import { session } from '../state/session.ts';
import { trainingStore } from '../state/training.ts';
import { modesOf, noTrial, type TrialMode, trialStore } from '../state/trial.ts';
import { latest } from './latest.ts';

const never = new AbortController().signal;

const answer = latest<OwnInput>(async (input) => {
  const { model, data } = session.getState();
  if (model === null || data === null || trialStore.getState().input !== input) return;
  const { recipe } = recipeStore.getState();
  try {
    const answers = await engine().ask({ model: model.handle, data: data.handle, recipe, input }, never);
    if (session.getState().data !== data || trialStore.getState().input === null) return;
    trialStore.setState({ answers });
    clearProblem('try');
  } catch (thrown) {
    if (session.getState().data === data) showProblem('try', thrown);
  }
});

/** Gives both models an input; null takes it back. */
export function giveInput(input: OwnInput | null): void {
  trialStore.setState(input === null ? { input, answers: null } : { input });
  if (input !== null) answer(input);
}

/** Changes the way an input is given. */
export function chooseMode(mode: TrialMode): void {
  clearProblem('try');
  trialStore.setState({ mode, input: null, answers: null });
}

/** Ties the trial to the recipe, and starts it anew with other data. Called once. */
export function followTrial(): void {
  recipeStore.subscribe(({ recipe }, before) => {
    const { input } = trialStore.getState();
    if (recipe !== before.recipe && input !== null) answer(input);
  });
  trainingStore.subscribe((now, before) => {
    const { input } = trialStore.getState();
    if (now.finished !== before.finished && input !== null) answer(input);
  });
  session.subscribe(({ data }, before) => {
    if (data === before.data) return;
    clearProblem('try');
    const [mode] = data === null ? [] : modesOf(data);
    trialStore.setState({ ...noTrial, mode: mode ?? noTrial.mode });
  });
}
