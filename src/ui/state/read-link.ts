/** Reading a link's fragment: what comes in is checked against every technique before it touches anything. */
import { StudioError } from '../../engine/errors.ts';
import { parseRecipe, type Recipe } from '../../engine/recipe.ts';
import { checkSteps } from '../../engine/step-params.ts';
import { pageProblem } from '../i18n/engine-words.ts';
import { type Link, linkVersion } from './link.ts';

/**
 * Reads a fragment; null where it holds no recipe at all. Throws LINK_VERSION, LINK_DAMAGED or LINK_RECIPE: a step, technique or
 * parameter that this studio would not run is refused as a whole.
 */
export function readLink(fragment: string): Link | null {
  const words = new URLSearchParams(fragment.replace(/^#/, ''));
  const [found, code] = [words.get('v'), words.get('recipe')];
  if (found === null && code === null) return null;
  if (found !== linkVersion) throw new StudioError(pageProblem('LINK_VERSION', { version: found ?? '?', known: linkVersion }));
  const recipe = checked(decoded(code ?? ''));
  return { recipe, sample: words.get('sample') };
}

function decoded(code: string): unknown {
  try {
    const text = atob(code.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new StudioError(pageProblem('LINK_DAMAGED'), cause);
  }
}

function checked(json: unknown): Recipe {
  if (!Array.isArray(json)) throw new StudioError(pageProblem('LINK_DAMAGED'));
  const [seed, steps, measure] = json as readonly unknown[];
  try {
    const recipe = parseRecipe({ recipe: 1, seed, steps, ...(measure !== undefined && { measure }) });
    checkSteps(recipe);
    return recipe;
  } catch (cause) {
    if (!(cause instanceof StudioError)) throw cause;
    throw new StudioError(pageProblem('LINK_RECIPE', cause.context, `${cause.title} ${cause.detail}`), cause);
  }
}
