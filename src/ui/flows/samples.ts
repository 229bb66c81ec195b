/** The samples that come with the studio: `models/index.json` names them, each has a card beside its files. All same-origin. */
import type { Recipe } from '../../engine/recipe.ts';
import type { SampleCard } from '../../workers/api.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { session } from '../state/session.ts';
import { isTurn, openData, openModel, takeTurn } from './open.ts';
import { fetched, get } from './own-files.ts';

/** Reads the cards of the samples; none where they can't be loaded, which the page then says. */
export async function loadSamples(): Promise<readonly SampleCard[]> {
  try {
    const ids = (await (await get('models/index.json')).json()) as readonly string[];
    const cards = await Promise.all(ids.map(async (id) => (await (await get(`models/${id}/card.json`)).json()) as SampleCard));
    session.setState({ samples: cards });
    return cards;
  } catch (thrown) {
    showProblem('open', thrown);
    return [];
  }
}

/** Opens a sample: its model, with a recipe or the usual one, then its data with the preprocessing that its card states. */
export async function openSample(card: SampleCard, recipe?: Recipe): Promise<void> {
  clearProblem('open');
  const turn = takeTurn();
  session.setState({ opening: 'model' });
  try {
    const dataFiles = Promise.all(card.data.files.map(fetched));
    // Waited for below; a failure before that must not go unheard as an unhandled rejection.
    dataFiles.catch(() => undefined);
    const files = await Promise.all(card.model.map((path) => fetched(`models/${card.id}/${path}`)));
    if (!(await openModel(files, { card, turn, ...(recipe && { recipe }) }))) return;
    const { preprocessing, name } = card.data;
    const data = await dataFiles;
    if (session.getState().card === card) await openData(data, { preprocessing, name }, true);
  } catch (thrown) {
    if (!isTurn(turn)) return;
    session.setState({ opening: null });
    showProblem('open', thrown);
  }
}
