/** A recipe in a few words, as it labels a dot or a row: `3 bits · 80 % zeros`. */
import type { Recipe, Step } from '../../engine/recipe.ts';
import { percent } from './numbers.ts';
import { t, tOr } from './translate.ts';

function stepWords(step: Step): string {
  const own = step.layers === undefined && step.where === undefined && step.except === undefined ? '' : '*';
  if (step.use === 'quantize/affine') return t('words.bits', { n: Number(step.bits ?? 8) }) + own;
  if (step.use === 'quantize/codebook') return t('words.palette', { bits: Number(step.bits ?? 4) }) + own;
  if (step.use === 'prune/magnitude') return t('words.zeros', { share: percent(Number(step.sparsity ?? 0.5)) }) + own;
  return tOr(`technique.${step.use}`, step.use) + own;
}

/** The steps of a recipe in order; an asterisk marks a step that treats some layers differently. */
export function recipeWords(recipe: Recipe): string {
  return recipe.steps.length === 0 ? t('words.untouched') : recipe.steps.map(stepWords).join(' · ');
}
