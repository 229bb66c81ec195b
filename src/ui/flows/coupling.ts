/** Coupled channels follow the thumb, one call at a time. */
import { useEffect } from 'react';
import type { Recipe } from '../../engine/recipe.ts';
import { couplingStore } from '../state/coupling.ts';
import { engine } from '../state/engine.ts';
import { showProblem } from '../state/problems.ts';
import { useRecipe } from '../state/recipe.ts';
import { session, useSession } from '../state/session.ts';
import { latest } from './latest.ts';

const load = latest<Recipe>(async (recipe) => {
  const model = session.getState().model?.handle;
  if (model === undefined) return;
  try {
    const described = await engine().channelGroups(model, recipe);
    if (session.getState().model?.handle === model) couplingStore.setState({ model, ...described });
  } catch (thrown) {
    if (session.getState().model?.handle === model) showProblem('layer', thrown);
  }
});

/** Keeps the groups true to the model and the recipe for as long as a part shows them. */
export function useFollowedGroups(): void {
  const model = useSession((state) => state.model?.handle);
  const recipe = useRecipe((state) => state.recipe);
  useEffect(() => {
    if (model !== undefined) load(recipe);
  }, [model, recipe]);
}
