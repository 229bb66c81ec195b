/** Looking for the smallest recipe within a loss, or the best within a size: every tried point is kept, the best becomes the recipe. */
import { engine } from '../state/engine.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { commitRecipe } from '../state/recipe.ts';
import { runsStore } from '../state/runs.ts';
import { noSearch, searchStore } from '../state/search.ts';
import { session } from '../state/session.ts';

/** Searches with the goal in view. An edit of the recipe meanwhile does not end it; another model or other data does. */
export async function startSearch(): Promise<void> {
  const { model, data } = session.getState();
  if (model === null || searchStore.getState().running !== null) return;
  const controller = new AbortController();
  const { kind, drop, kilobytes } = searchStore.getState();
  const goal = kind === 'accuracy' ? ({ kind, maxDropPoints: drop } as const) : ({ kind, maxBytes: kilobytes * 1000 } as const);
  const isMine = () => session.getState().model === model && session.getState().data === data;
  clearProblem('run');
  runsStore.getState().running?.cancel();
  searchStore.setState({ ...noSearch, running: { event: null, cancel: () => controller.abort() } });
  try {
    const result = await engine().search(
      { model: model.handle, data: data?.handle ?? null, goal },
      (event) => searchStore.setState(({ running }) => ({ running: running && { ...running, event } })),
      (point) => isMine() && searchStore.setState(({ points }) => ({ points: [...points, point] })),
      controller.signal,
    );
    if (!isMine()) return;
    searchStore.setState({ running: null, result, points: result.points });
    takePoint(result.best ?? result.picks.quality);
  } catch (thrown) {
    if (!controller.signal.aborted) showProblem('run', thrown);
  } finally {
    searchStore.setState({ running: null });
  }
}

/** Makes a tried point the recipe, as an edit that can be undone. */
export function takePoint(id: number | null): void {
  const point = searchStore.getState().points.find((one) => one.id === id);
  if (point !== undefined) commitRecipe(() => point.recipe);
}

/** Forgets what was found once another model or other data is open. */
export function followSearch(): void {
  session.subscribe(({ model, data }, before) => {
    if (model === before.model && data === before.data) return;
    searchStore.getState().running?.cancel();
    searchStore.setState(noSearch);
  });
}
