/**
 * Doing what a recipe says, step by step. Each step draws from its own generator, seeded by the recipe and the step's place, so that
 * results of earlier steps can be kept and reused: when only the last step changes, only the last step runs. Steps that train take
 * seconds to minutes: whoever follows a slider asks for a preview, which trains nothing and uses what was trained before. Steps that
 * calibrate look at a few samples for a preview, once.
 */
import { type Context, checkpoint } from './context.ts';
import { keptForm } from './kept.ts';
import { createRng } from './math/rng.ts';
import type { Model } from './model/model.ts';
import { applyStep, planRecipe, previewStep } from './plan.ts';
import type { Recipe } from './recipe.ts';
import type { ActivationRange, StepNote, StepResult, TrainingCurve } from './technique.ts';

/** Results of recipe prefixes on one model, the most recently used ones last. */
export type RecipeCache = Map<string, StepResult>;

/** Results kept per model: a few settings to go back and forth between. What was trained is kept beside, since it costs far more. */
const kept = 6;
const keptTrained = 4;

export function createRecipeCache(): RecipeCache {
  return new Map();
}

export interface Applied {
  readonly model: Model;
  /** The model just before its weights were pruned or quantized, or as they were trained last: what their noise is measured against. */
  readonly reference: Model;
  /** What was reordered, skipped or left out, in the order of the steps. */
  readonly notes: readonly StepNote[];
  /** What each step that trained did. */
  readonly training: readonly TrainingCurve[];
  /** Ranges that activations were given, each as the last step left it. */
  readonly ranges: readonly ActivationRange[];
  /** True where a preview left out training, or calibration for want of data, that has not been done yet. */
  readonly untrained: boolean;
  /** True where the model has learnt nothing since a step made it forget: its answers mean nothing. */
  readonly untaught: boolean;
}

export interface ApplyOptions {
  /** `preview` never trains: a step's kept result is used, else what the step does without training. */
  readonly train: 'run' | 'preview';
}

/** Applies a recipe to a model; throws RECIPE_* where it does not fit, TRAIN_*, WEIGHT_NOT_FINITE, or the signal's reason. */
export async function applyRecipe(
  model: Model,
  recipe: Recipe,
  context: Context,
  cache?: RecipeCache,
  { train }: ApplyOptions = { train: 'run' },
): Promise<Applied> {
  const plan = planRecipe(recipe, model);
  const notes: StepNote[] = [...plan.notes];
  const training: TrainingCurve[] = [];
  const ranges = new Map<string, ActivationRange>();
  const { onTraining, teacher = model } = context;
  let current = model;
  let reference = model;
  let untrained = false;
  let untaught = false;
  let complete = true;
  let key = teacher === model ? String(recipe.seed) : `${recipe.seed} taught by ${nameOf(teacher)}`;
  for (const [index, step] of plan.steps.entries()) {
    await checkpoint(context);
    const { trains = false, studies = false, calibrates = false } = step.technique;
    const learns = trains || calibrates || (studies && context.training !== undefined);
    key += `|${step.technique.id} ${JSON.stringify([step.params, step.picks, step.layers])}`;
    if (learns) key += ` on ${context.training?.id ?? ''}`;
    const rng = createRng(recipe.seed + 0x9e3779b1 * (index + 1));
    const own: Context = {
      ...context,
      rng,
      teacher,
      ...(onTraining ? { onTraining: (event) => onTraining({ ...event, step: index + 1 }) } : {}),
    };
    let result = cache?.get(key);
    if (result === undefined && learns && train === 'preview') {
      untrained ||= !calibrates || context.training === undefined;
      key += ' untrained';
      result = cache?.get(key) ?? (await previewStep(step, current, own));
    }
    result ??= await applyStep(step, current, own);
    // What somebody ended early is no answer to the recipe: asked again, it trains to the end.
    complete &&= result.training?.stopped !== 'asked';
    if (cache !== undefined && complete) remember(cache, key, result);
    notes.push(...result.notes);
    if (result.training !== undefined) {
      training.push(result.training);
      notes.push(...keptForm(step.technique.id, current, result.model));
    }
    for (const range of result.ranges ?? []) ranges.set(range.values[0] ?? '', range);
    current = result.model;
    if (result.training !== undefined) untaught = false;
    else untaught ||= step.technique.forgets === true && step.picks.length > 0;
    if (step.technique.phase === 'structure' || result.training !== undefined) reference = current;
  }
  return { model: current, reference, notes, training, ranges: [...ranges.values()], untrained, untaught };
}

const teachers = new WeakMap<Model, number>();
let named = 0;

/** A name for a second model, so that what one taught is not taken for what another did. */
function nameOf(teacher: Model): number {
  const name = teachers.get(teacher) ?? ++named;
  teachers.set(teacher, name);
  return name;
}

function remember(cache: RecipeCache, key: string, result: StepResult): void {
  cache.delete(key);
  cache.set(key, result);
  const trained = result.training !== undefined;
  const alike = [...cache].filter(([, { training }]) => (training !== undefined) === trained);
  const [[oldest] = ['']] = alike;
  if (alike.length > (trained ? keptTrained : kept)) cache.delete(oldest);
}
