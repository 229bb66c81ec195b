/**
 * The recipe that is being edited, with its history. A drag is many previews and one commit: previews are computed from the
 * committed recipe, so that a slider dragged through "off" and back loses nothing, and undo steps over the whole drag.
 */
import { createStore } from 'zustand/vanilla';
import type { Recipe } from '../../engine/recipe.ts';
import { imitates } from '../../engine/techniques/trains.ts';
import { session } from './session.ts';
import { bind } from './use-store.ts';

export interface RecipeState {
  /** What the page shows and estimates. */
  readonly recipe: Recipe;
  /** The last recipe that was let go of; equal to `recipe` unless a thumb is down. */
  readonly committed: Recipe;
  readonly past: readonly Recipe[];
  readonly future: readonly Recipe[];
}

export type Edit = (recipe: Recipe) => Recipe;

const depth = 200;

/** The recipe that a model is opened with: 8 bits, the converter's own grid. */
export const startRecipe: Recipe = { recipe: 1, seed: 7, steps: [{ use: 'quantize/affine', bits: 8 }] };

export const freshRecipe = (recipe: Recipe = startRecipe): RecipeState => ({ recipe, committed: recipe, past: [], future: [] });

export const recipeStore = createStore<RecipeState>()(() => freshRecipe());
export const useRecipe = bind(recipeStore);

/** Equal recipes have equal keys, but where they imitate another teacher than before. */
export function recipeKey({ seed, steps }: Recipe): string {
  const { teacher } = session.getState();
  return JSON.stringify(teacher !== null && steps.some(imitates) ? [seed, steps, teacher.key] : [seed, steps]);
}

/** While a thumb is down: shown and estimated, not yet part of the history. */
export const previewed = (state: RecipeState, edit: Edit): RecipeState => ({ ...state, recipe: edit(state.committed) });

/** A finished edit, undoable. */
export function committed(state: RecipeState, edit: Edit): RecipeState {
  const recipe = edit(state.committed);
  if (recipeKey(recipe) === recipeKey(state.committed)) return { ...state, recipe: state.committed };
  return { recipe, committed: recipe, past: [...state.past, state.committed].slice(-depth), future: [] };
}

/** One edit back; the state itself where there is none. */
export function undone(state: RecipeState): RecipeState {
  const recipe = state.past.at(-1);
  if (recipe === undefined) return state;
  return { recipe, committed: recipe, past: state.past.slice(0, -1), future: [state.committed, ...state.future] };
}

/** One edit forward; the state itself where there is none. */
export function redone(state: RecipeState): RecipeState {
  const [recipe, ...future] = state.future;
  if (recipe === undefined) return state;
  return { recipe, committed: recipe, past: [...state.past, state.committed], future };
}

export const previewRecipe = (edit: Edit): void => recipeStore.setState((state) => previewed(state, edit));
export const commitRecipe = (edit: Edit): void => recipeStore.setState((state) => committed(state, edit));
