/** Walks the edits of the recipe. */
import { recipeStore, redone, undone } from '../state/recipe.ts';
import type { Action } from './action.ts';

export const undo: Action = {
  id: 'undo',
  title: 'action.undo',
  keys: ['mod+z'],
  when: () => recipeStore.getState().past.length > 0,
  perform: () => recipeStore.setState(undone),
};

export const redo: Action = {
  id: 'redo',
  title: 'action.redo',
  keys: ['mod+shift+z', 'mod+y'],
  when: () => recipeStore.getState().future.length > 0,
  perform: () => recipeStore.setState(redone),
};
