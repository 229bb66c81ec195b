/**
 * A recipe as the fragment of an address: `#v=1&sample=iris&recipe=…`, where `recipe` is base64url of the JSON
 * `[seed, steps, measure?]`. A fragment never reaches a server. What comes in is checked before it touches anything.
 */
import { StudioError } from '../../engine/errors.ts';
import { parseRecipe, type Recipe } from '../../engine/recipe.ts';
import { checkSteps } from '../../engine/step-params.ts';
import { pageProblem } from '../i18n/engine-words.ts';

export interface Link {
  readonly recipe: Recipe;
  /** The sample it was made on; null for a model of one's own, which a link does not carry. */
  readonly sample: string | null;
}

const version = '1';

/** The fragment of a recipe, with its `#`. */
export function writeLink({ recipe, sample }: Link): string {
  const { seed, steps, measure } = recipe;
  const json = JSON.stringify(measure === undefined ? [seed, steps] : [seed, steps, measure]);
  const bytes = new TextEncoder().encode(json);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const code = text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return `#v=${version}${sample === null ? '' : `&sample=${encodeURIComponent(sample)}`}&recipe=${code}`;
}

/**
 * Reads a fragment; null where it holds no recipe at all. Throws LINK_VERSION, LINK_DAMAGED or LINK_RECIPE: a step, technique or
 * parameter that this studio would not run is refused as a whole.
 */
export function readLink(fragment: string): Link | null {
  const words = new URLSearchParams(fragment.replace(/^#/, ''));
  const [found, code] = [words.get('v'), words.get('recipe')];
  if (found === null && code === null) return null;
  if (found !== version) throw new StudioError(pageProblem('LINK_VERSION', { version: found ?? '?', known: version }));
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
