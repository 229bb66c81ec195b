/** What follows an edit of the recipe: an estimate at every move, true sizes and perhaps a run once it is let go of. */
import { recipeStore } from '../state/recipe.ts';
import { session } from '../state/session.ts';
import { dropStaleRun, runSoon } from './run.ts';
import { estimate, measureSizes } from './sizes.ts';

/** Ties estimates, sizes and runs to the recipe and the open model. Called once. */
export function followRecipe(): void {
  recipeStore.subscribe(({ recipe, committed }, before) => {
    if (session.getState().model === null) return;
    if (recipe !== before.recipe) {
      dropStaleRun();
      estimate(recipe);
    }
    if (committed === before.committed) {
      // A drag that ends where it began is no edit, but may have ended the run that was going.
      if (recipe === committed && recipe !== before.recipe) runSoon();
      return;
    }
    void measureSizes(committed);
    runSoon();
  });
}
