/**
 * Doing what a recipe says, step by step. Each step draws from its own generator, seeded by the recipe and the step's place, so that
 * results of earlier steps can be kept and reused: when only the last step changes, only the last step runs.
 */
import { type Context, checkpoint } from './context.ts';
import { createRng } from './math/rng.ts';
import type { Model } from './model/model.ts';
import { applyStep, planRecipe } from './plan.ts';
import type { Recipe } from './recipe.ts';
import type { StepNote, StepResult } from './technique.ts';

/** Results of recipe prefixes on one model, the most recently used ones last. */
export type RecipeCache = Map<string, StepResult>;

/** Results kept per model: a few settings to go back and forth between. */
const kept = 6;

export function createRecipeCache(): RecipeCache {
  return new Map();
}

export interface Applied {
  readonly model: Model;
  /** The model just before its weights were pruned or quantized: what their noise is measured against. */
  readonly reference: Model;
  /** What was reordered, skipped or left out, in the order of the steps. */
  readonly notes: readonly StepNote[];
}

/** Applies a recipe to a model; throws RECIPE_* where it does not fit, WEIGHT_NOT_FINITE, or the signal's reason. */
export async function applyRecipe(model: Model, recipe: Recipe, context: Context, cache?: RecipeCache): Promise<Applied> {
  const plan = planRecipe(recipe, model);
  const notes: StepNote[] = [...plan.notes];
  let current = model;
  let reference = model;
  let key = String(recipe.seed);
  for (const [index, step] of plan.steps.entries()) {
    await checkpoint(context);
    key += `|${step.technique.id} ${JSON.stringify([step.params, step.picks])}`;
    const rng = createRng(recipe.seed + 0x9e3779b1 * (index + 1));
    const result = cache?.get(key) ?? (await applyStep(step, current, { ...context, rng }));
    if (cache !== undefined) remember(cache, key, result);
    notes.push(...result.notes);
    current = result.model;
    if (step.technique.phase === 'structure') reference = current;
  }
  return { model: current, reference, notes };
}

function remember(cache: RecipeCache, key: string, result: StepResult): void {
  cache.delete(key);
  cache.set(key, result);
  const oldest = cache.size > kept ? cache.keys().next().value : undefined;
  if (oldest !== undefined) cache.delete(oldest);
}
