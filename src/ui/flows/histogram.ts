/** The histogram of the tensor that is looked at; it follows the thumb, one call at a time. */
import { createStore } from 'zustand/vanilla';
import type { Recipe } from '../../engine/recipe.ts';
import type { Histogram, ModelHandle } from '../../workers/api.ts';
import { engine } from '../state/engine.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { session } from '../state/session.ts';
import { bind } from '../state/use-store.ts';
import { latest } from './latest.ts';

interface HistogramState {
  /** What it shows; null before the first. */
  readonly of: { readonly model: ModelHandle; readonly weight: string } | null;
  readonly histogram: Histogram | null;
}

const histogramStore = createStore<HistogramState>()(() => ({ of: null, histogram: null }));
export const useHistogram = bind(histogramStore);

/** Draws a tensor under a recipe. */
export const showHistogram = latest<{ readonly weight: string; readonly recipe: Recipe }>(async ({ weight, recipe }) => {
  const model = session.getState().model?.handle;
  if (model === undefined) return;
  try {
    const histogram = await engine().histogram(model, recipe, weight);
    if (session.getState().model?.handle === model) histogramStore.setState({ of: { model, weight }, histogram });
    clearProblem('layer');
  } catch (thrown) {
    if (session.getState().model?.handle === model) showProblem('layer', thrown);
  }
});
