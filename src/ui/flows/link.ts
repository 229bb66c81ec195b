/** The address and the recipe follow each other: an edit is written into the fragment, a pasted fragment becomes the recipe. */

import { StudioError } from '../../engine/errors.ts';
import { pageProblem } from '../i18n/engine-words.ts';
import { type Link, writeLink } from '../state/link.ts';
import { showProblem } from '../state/problems.ts';
import { commitRecipe, recipeStore } from '../state/recipe.ts';
import { session } from '../state/session.ts';
import { openSample } from './samples.ts';

/** A browser allows few changes of an address in a row: the first is made at once, of those soon after it the last. */
const delay = 400;

/** The link to what is in view. */
export function linkOfView(): string {
  const { committed } = recipeStore.getState();
  const fragment = writeLink({ recipe: committed, sample: session.getState().card?.id ?? null });
  return new URL(fragment, window.location.href).href;
}

/** The link that the page was opened with; null where there is none, or where it can't be read, which is then said. */
export async function linkOfAddress(): Promise<Link | null> {
  const { hash } = window.location;
  if (hash.length < 2) return null;
  try {
    const { readLink } = await import('../state/read-link.ts');
    return readLink(hash);
  } catch (thrown) {
    showProblem('link', thrown);
    return null;
  }
}

/** Says that a link's sample is not among those of this studio. */
export const showSampleMissing = (id: string): void => showProblem('link', new StudioError(pageProblem('LINK_SAMPLE', { id })));

/** Ties the address to the recipe and the open sample. Called once. */
export function followAddress(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const write = () => {
    clearTimeout(timer);
    if (session.getState().model === null) return;
    const wait = last + delay - performance.now();
    if (wait > 0) {
      timer = setTimeout(write, wait);
      return;
    }
    last = performance.now();
    window.history.replaceState(window.history.state, '', linkOfView());
  };
  recipeStore.subscribe(({ committed }, before) => committed !== before.committed && write());
  session.subscribe(({ model }, before) => model !== before.model && write());
  window.addEventListener('hashchange', () => {
    void linkOfAddress().then((link) => link && follow(link));
  });
}

async function follow({ recipe, sample }: Link): Promise<void> {
  const { card, samples } = session.getState();
  const other = samples.find(({ id }) => id === sample);
  if (sample !== null && other === undefined) showSampleMissing(sample);
  if (other === undefined || other.id === card?.id) commitRecipe(() => recipe);
  else await openSample(other, recipe);
}
