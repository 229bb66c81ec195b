/**
 * Edits of the step that removes channels, a coupled group at a time, all pure. A share of its own is an override of the layers that make
 * the channels: so many of these channels, ranked among themselves, whatever the other groups lose. A group is protected by leaving these
 * layers out.
 */
import type { Step } from '../../engine/recipe.ts';
import { type GroupShares, withGroupShares } from '../../engine/search/group-shares.ts';
import type { Edit } from './recipe.ts';
import { globsOf, replaceAt, setGlobs } from './recipe-edits.ts';

/** A group's own share of its channels, 0–1; undefined where it follows the step. */
export function groupRatioOf(step: Step, makers: readonly string[]): number | undefined {
  const ratios = makers.flatMap((layer) => step.layers?.[layer]?.ratio ?? []).filter((ratio) => typeof ratio === 'number');
  return ratios.length === 0 ? undefined : Math.min(...ratios);
}

/** Gives groups shares of their own, by the layers that make their channels; undefined makes a group follow the step again. */
export const setGroupRatios =
  (index: number, shares: GroupShares): Edit =>
  (recipe) => {
    const step = recipe.steps[index];
    if (step === undefined) return recipe;
    return { ...recipe, steps: replaceAt(recipe.steps, index, withGroupShares(step, shares)) };
  };

/** Keeps all channels of a group, or lets them go again. */
export const setGroupProtected =
  (index: number, makers: readonly string[], kept: boolean): Edit =>
  (recipe) => {
    const step = recipe.steps[index];
    if (step === undefined) return recipe;
    const others = globsOf(step, 'except').filter((glob) => !makers.includes(glob));
    return setGlobs(index, 'except', kept ? [...others, ...makers] : others)(recipe);
  };
