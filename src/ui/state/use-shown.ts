/** The figures and layers of the recipe in view, drawn together from the stores. */
import { useMemo } from 'react';
import { type LayerRow, layerRows, type Shown, shownFigures, useSizes } from './figures.ts';
import { recipeKey, useRecipe } from './recipe.ts';
import { useRuns } from './runs.ts';
import { useSession } from './session.ts';

/** The figures in view; null while no model is open. */
export function useShown(): Shown | null {
  const model = useSession((state) => state.model);
  const recipe = useRecipe((state) => state.recipe);
  const sizes = useSizes((state) => state);
  const runs = useRuns((state) => state);
  return useMemo(
    () => (model === null ? null : shownFigures(recipeKey(recipe), model.before, sizes, runs)),
    [model, recipe, sizes, runs],
  );
}

/** The rows of the layer table; empty while no model is open. */
export function useLayerRows(): readonly LayerRow[] {
  const model = useSession((state) => state.model);
  const recipe = useRecipe((state) => state.recipe);
  const sizes = useSizes((state) => state);
  const report = useShown()?.report ?? null;
  return useMemo(
    () => (model === null ? [] : layerRows(model.summary, report, sizes, recipeKey(recipe))),
    [model, recipe, sizes, report],
  );
}
