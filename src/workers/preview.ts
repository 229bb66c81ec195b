/** A recipe's result for whoever looks at it without running it: nothing is trained, and what was trained before is found again. */
import { applyRecipe, createRng, type Model } from '../engine/index.ts';
import type { Recipe } from '../engine/recipe.ts';
import { imitates } from '../engine/techniques/trains.ts';
import type { OpenedModelState } from './session.ts';

/** The second model that a recipe imitates, as part of a context; nothing where it imitates none. */
export const taughtBy = ({ teacher }: OpenedModelState, { steps }: Recipe): { readonly teacher?: Model } =>
  teacher !== undefined && steps.some(imitates) ? { teacher } : {};

/** Applies a recipe to an opened model through its cache; `untrained` where a step that trains was left out. Throws the signal's reason. */
export function previewRecipe(state: OpenedModelState, recipe: Recipe, signal: AbortSignal) {
  const { model, cache, training } = state;
  const learns = { ...(training && { training }), ...taughtBy(state, recipe) };
  return applyRecipe(model, recipe, { signal, report: () => {}, rng: createRng(recipe.seed), ...learns }, cache, {
    train: 'preview',
  });
}
