/** What can be done about one layer's error, as edits of the recipe. */
import type { Recipe } from '../../engine/recipe.ts';
import { globMatches } from '../../engine/selection.ts';
import type { LayerSummary } from '../../workers/api.ts';
import { globsOf, overrideOf } from './recipe-edits.ts';

type Named = Pick<LayerSummary, 'name' | 'op'>;

/** The steps that work on a layer, by their place in the recipe. */
export function stepsOn(recipe: Recipe, layer: Named): readonly number[] {
  const named = (glob: string) => globMatches(glob, layer);
  return recipe.steps.flatMap((step, index) => {
    const where = globsOf(step, 'where');
    const meant = (where.length === 0 || where.some(named)) && !globsOf(step, 'except').some(named);
    return meant ? [index] : [];
  });
}

/** Grids whose bits can be raised, with what they have where nothing is said. */
const grids: Readonly<Record<string, number>> = { 'quantize/affine': 8, 'quantize/codebook': 4 };

/** Two bits more for a layer, up to eight; null where it has them or lies on no grid of bits. */
export function moreBits(recipe: Recipe, layer: Named): { readonly index: number; readonly bits: number } | null {
  const index = stepsOn(recipe, layer).find((at) => (recipe.steps[at]?.use as string) in grids);
  const step = index === undefined ? undefined : recipe.steps[index];
  if (index === undefined || step === undefined) return null;
  const now = Number(overrideOf(step, layer.name, 'bits') ?? step.bits ?? grids[step.use]);
  return now >= 8 ? null : { index, bits: Math.min(8, now + 2) };
}
