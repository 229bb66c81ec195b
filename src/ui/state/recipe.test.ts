import { expect, it } from 'vitest';
import type { Recipe } from '../../engine/recipe.ts';
import { committed, freshRecipe, previewed, recipeKey, redone, startRecipe, undone } from './recipe.ts';
import { session } from './session.ts';

const bits =
  (value: number) =>
  (recipe: Recipe): Recipe => ({ ...recipe, steps: [{ use: 'quantize/affine', bits: value }] });
const none = (recipe: Recipe): Recipe => ({ ...recipe, steps: [] });

it('makes one undo step of a whole drag, and previews from what was committed', () => {
  let state = freshRecipe();
  state = previewed(state, none);
  expect(state.recipe.steps).toEqual([]);
  state = previewed(state, bits(4));
  expect(state.past).toEqual([]);
  state = committed(state, bits(3));
  expect(state.past).toEqual([startRecipe]);
  state = undone(state);
  expect(state.recipe).toEqual(startRecipe);
  state = redone(state);
  expect(state.recipe.steps[0]).toEqual({ use: 'quantize/affine', bits: 3 });
});

it('keeps the future until a real edit, and ignores an edit that changes nothing', () => {
  let state = undone(committed(freshRecipe(), bits(4)));
  state = committed(state, bits(8));
  expect(state.future).toHaveLength(1);
  state = committed(state, bits(5));
  expect(state.future).toEqual([]);
  expect(undone(freshRecipe())).toEqual(freshRecipe());
});

it('tells recipes apart by who teaches, where they imitate', () => {
  const recipes = [{ use: 'distill/logits' }, { use: 'quantize/aware', distill: true }, { use: 'quantize/aware' }].map(
    (step): Recipe => ({ recipe: 1, seed: 7, steps: [step] }),
  );
  const alone = recipes.map(recipeKey);
  session.setState({ teacher: { name: 'big', parameters: 9, files: [], key: 'big 1' } });
  const [logits, aware, plain] = recipes.map(recipeKey).map((key, at) => key === alone[at]);
  session.setState({ teacher: null });
  expect([logits, aware, plain]).toEqual([false, false, true]);
  expect(recipes.map(recipeKey)).toEqual(alone);
});
