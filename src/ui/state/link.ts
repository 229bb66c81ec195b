/**
 * A recipe as the fragment of an address: `#v=1&sample=iris&recipe=…`, where `recipe` is base64url of the JSON
 * `[seed, steps, measure?]`. A fragment never reaches a server. Reading one stands apart (read-link.ts), with all that checks it.
 */
import type { Recipe } from '../../engine/recipe.ts';

export interface Link {
  readonly recipe: Recipe;
  /** The sample it was made on; null for a model of one's own, which a link does not carry. */
  readonly sample: string | null;
}

export const linkVersion = '1';

/** The fragment of a recipe, with its `#`. */
export function writeLink({ recipe, sample }: Link): string {
  const { seed, steps, measure } = recipe;
  const json = JSON.stringify(measure === undefined ? [seed, steps] : [seed, steps, measure]);
  const bytes = new TextEncoder().encode(json);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const code = text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return `#v=${linkVersion}${sample === null ? '' : `&sample=${encodeURIComponent(sample)}`}&recipe=${code}`;
}
