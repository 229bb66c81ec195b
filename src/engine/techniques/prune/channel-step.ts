/** The step of a recipe that removes channels, as it meets a model: for whoever shows or measures what it may do before it runs. */
import type { Model } from '../../model/model.ts';
import { type PlannedStep, planRecipe, targetsOf } from '../../plan.ts';
import type { Recipe } from '../../recipe.ts';
import type { Target } from '../../technique.ts';
import type { ChannelsParams } from './channels-params.ts';

export interface ChannelStep {
  readonly planned: PlannedStep;
  /** The model as the step meets it. */
  readonly model: Model;
  readonly targets: readonly Target<ChannelsParams>[];
  readonly params: ChannelsParams;
}

/** The first such step; null where the recipe has none. Throws RECIPE_*. */
export function channelStep(original: Model, recipe: Recipe): ChannelStep | null {
  const planned = planRecipe(recipe, original).steps.find(({ technique }) => technique.id === 'prune/channels');
  if (planned === undefined) return null;
  const model = planned.structure;
  const targets = targetsOf(planned, model) as readonly Target<ChannelsParams>[];
  return { planned, model, targets, params: planned.params as unknown as ChannelsParams };
}
