/** A recipe's result for whoever looks at it without running it: nothing is trained, and what was trained before is found again. */
import { applyRecipe, createRng } from '../engine/index.ts';
import type { Recipe } from '../engine/recipe.ts';
import type { OpenedModelState } from './session.ts';

/** Applies a recipe to an opened model through its cache; `untrained` where a step that trains was left out. Throws the signal's reason. */
export function previewRecipe({ model, cache, training }: OpenedModelState, recipe: Recipe, signal: AbortSignal) {
  const context = { signal, report: () => {}, rng: createRng(recipe.seed), ...(training && { training }) };
  return applyRecipe(model, recipe, context, cache, { train: 'preview' });
}
