/**
 * Which techniques train and which calibrate, by their ids alone: for whoever only asks whether a recipe does and would otherwise load
 * every technique. A test holds the lists to the registry.
 */
import type { Recipe, Step } from '../recipe.ts';

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
export const calibratingTechniques: ReadonlySet<string> = new Set(['quantize/static']);

/** Whether a recipe has steps that learn from data, by training or by calibration: what it learns from is not measured on. */
export const learns = ({ steps }: Recipe): boolean =>
  steps.some(({ use }) => trainingTechniques.has(use) || calibratingTechniques.has(use));

/** Whether a recipe has steps that train. */
export const trains = ({ steps }: Recipe): boolean => steps.some(({ use }) => trainingTechniques.has(use));

const distilling = /^distill\/(logits|features|attention)$/;

/** Whether a step imitates a teacher. */
export const imitates = ({ use, distill }: Step): boolean =>
  distilling.test(use) || (use === 'quantize/aware' && distill === true);

/** Whether a recipe has steps that look at training data without training. */
export const studies = ({ steps }: Recipe): boolean => steps.some(({ use }) => studyingTechniques.has(use));

/** Whether a recipe has steps that are better for data beside what is measured, in one way or another. */
export const wantsTrainingData = (recipe: Recipe): boolean => learns(recipe) || studies(recipe);
