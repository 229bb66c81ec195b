/** What the page begins with: the session that this tab had, else what a link asks for, else the first sample. */

import { session } from '../state/session.ts';
import { toast } from '../state/toast.ts';
import { linkOfAddress, showSampleMissing } from './link.ts';
import { promiseRecipe } from './open.ts';
import { loadSamples, openSample } from './samples.ts';

/** Opens what the visitor came for, unless something else is opened meanwhile. */
export async function start(): Promise<void> {
  // Keeping is loaded beside the samples; where it can't be, the page works without.
  const [link, cards, keep] = await Promise.all([
    linkOfAddress(),
    loadSamples(),
    import('../keep/index.ts').catch(() => undefined),
  ]);
  const restored = await keep?.startKeeping(link, cards);
  const { model, opening } = session.getState();
  if (restored || model !== null || opening !== null) return;
  const named = cards.find(({ id }) => id === link?.sample);
  if (link !== null && link.sample !== null && named === undefined) showSampleMissing(link.sample);
  if (link?.sample === null) {
    promiseRecipe(link.recipe);
    toast({ key: 'link.waiting' });
  }
  const card = named ?? cards[0];
  if (card !== undefined) await openSample(card, link?.recipe);
}
