/**
 * Which techniques train, by their ids alone: for whoever only asks whether a recipe does and would otherwise load every technique. A test
 * holds the list to the registry.
 */
import type { Recipe } from '../recipe.ts';

export const trainingTechniques: ReadonlySet<string> = new Set([
  'train/fine-tune',
  'distill/logits',
  'distill/features',
  'distill/attention',
  'quantize/aware',
  'prune/gradual',
]);

/** Techniques that look at training data without training, where it is given. */
export const studyingTechniques: ReadonlySet<string> = new Set(['prune/channels']);

/** Whether a recipe has steps that train. */
export const trains = ({ steps }: Recipe): boolean => steps.some(({ use }) => trainingTechniques.has(use));

/** Whether a recipe has steps that look at training data without training. */
export const studies = ({ steps }: Recipe): boolean => steps.some(({ use }) => studyingTechniques.has(use));
