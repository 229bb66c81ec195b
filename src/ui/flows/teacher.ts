/** Who teaches: a second model in place of the open one, for every step that imitates. */
import type { DroppedFile } from '../../workers/api.ts';
import { engine } from '../state/engine.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { recipeStore } from '../state/recipe.ts';
import { session } from '../state/session.ts';
import { estimate } from './sizes.ts';

let count = 0;

/** Opens a teacher for the open model; no files: the model itself teaches again. A failure leaves who taught before. */
export async function chooseTeacher(files: readonly DroppedFile[]): Promise<void> {
  const { model } = session.getState();
  if (model === null) return;
  clearProblem('recipe');
  try {
    const taught = await engine().teach(model.handle, files);
    if (session.getState().model?.handle !== model.handle) return;
    const key = `taught by ${taught?.name} ${Date.now()} ${++count}`;
    session.setState({ teacher: taught && { ...taught, files, key } });
    // Runs of the recipe in view that another taught are no longer its own.
    recipeStore.setState((state) => ({ ...state }));
    estimate(recipeStore.getState().recipe);
  } catch (thrown) {
    showProblem('recipe', thrown);
  }
}
