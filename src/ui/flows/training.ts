/** One click to repair a compressed model by training, and an end before the last epoch. */
import { engine } from '../state/engine.ts';
import { showProblem } from '../state/problems.ts';
import { commitRecipe } from '../state/recipe.ts';
import { addStep } from '../state/recipe-edits.ts';
import { session } from '../state/session.ts';
import { trainingStore } from '../state/training.ts';
import { startRun } from './run.ts';

/** Adds a step that repairs the compressed model, learning from labels where there are any, else from the original; and runs it. */
export function repair(): void {
  const { data } = session.getState();
  if (data === null) return;
  const use = data.summary.task === 'none' ? 'distill/logits' : 'train/fine-tune';
  commitRecipe(addStep({ use }));
  void startRun();
}

/** Ends the training that is going; the run goes on with the best weights so far. */
export function stopTraining(): void {
  engine()
    .stopTraining()
    .catch((thrown: unknown) => showProblem('run', thrown));
}

/** Lets the training that is going rest, or go on. */
export function pauseTraining(paused: boolean): void {
  engine()
    .pauseTraining(paused)
    .then(() => trainingStore.setState({ paused }))
    .catch((thrown: unknown) => showProblem('run', thrown));
}
