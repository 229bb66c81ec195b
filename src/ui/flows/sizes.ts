/** Sizes under the thumb: estimates while it moves, true sizes once it lets go. */
import type { Recipe } from '../../engine/recipe.ts';
import { t } from '../i18n/translate.ts';
import { engine } from '../state/engine.ts';
import { sizesStore } from '../state/figures.ts';
import { asFields, clearProblem, type Problem, showProblem } from '../state/problems.ts';
import { commitRecipe, recipeKey } from '../state/recipe.ts';
import { exceptEverywhere } from '../state/recipe-edits.ts';
import { session } from '../state/session.ts';
import { latest } from './latest.ts';

/** The recipe whose true sizes could not be measured: an estimate, which does not touch the weights, must not take that back. */
let refused: string | null = null;

/** Estimates a recipe; while one is on its way only the newest waits. */
export const estimate = latest<Recipe>(async (recipe) => {
  const model = session.getState().model;
  if (model === null) return;
  try {
    const value = await engine().estimate(model.handle, recipe);
    if (session.getState().model?.handle !== model.handle) return;
    sizesStore.setState({ estimate: value });
    if (refused !== recipeKey(recipe)) clearProblem('recipe');
  } catch (thrown) {
    if (session.getState().model?.handle === model.handle) showProblem('recipe', thrown, remedyFor(thrown));
  }
});

let measuring: AbortController | null = null;

/** Measures the true sizes of a recipe, instead of any that was being measured. */
export async function measureSizes(recipe: Recipe): Promise<void> {
  measuring?.abort();
  refused = null;
  const model = session.getState().model;
  if (model === null) return;
  const controller = new AbortController();
  measuring = controller;
  try {
    const value = await engine().measureSize(model.handle, recipe, controller.signal);
    if (!controller.signal.aborted) sizesStore.setState({ measured: { key: recipeKey(recipe), value } });
  } catch (thrown) {
    if (controller.signal.aborted) return;
    refused = recipeKey(recipe);
    showProblem('recipe', thrown, remedyFor(thrown));
  }
}

/** A recipe that stumbles over one layer's weights can leave that layer as it is. */
function remedyFor(thrown: unknown): Problem['remedy'] {
  const { code, context } = asFields(thrown);
  const layer = context?.layer;
  if (code !== 'WEIGHT_NOT_FINITE' || typeof layer !== 'string') return undefined;
  return { label: () => t('recipe.leave-out', { layer }), perform: () => commitRecipe(exceptEverywhere(layer)) };
}

/** Stops measuring: the model is about to change. */
export const stopMeasuring = (): void => measuring?.abort();
