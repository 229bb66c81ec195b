/**
 * Which techniques train and which calibrate, by their ids alone: for whoever only asks whether a recipe does and would otherwise load
 * every technique. A test holds the lists to the registry.
 */
import type { Recipe } from '../recipe.ts';

export const trainingTechniques: ReadonlySet<string> = new Set([
  'train/fine-tune',
  'distill/logits',
  'quantize/aware',
  'prune/gradual',
]);

export const calibratingTechniques: ReadonlySet<string> = new Set(['quantize/static']);

/** Whether a recipe has steps that learn from data, by training or by calibration: what it learns from is not measured on. */
export const learns = ({ steps }: Recipe): boolean =>
  steps.some(({ use }) => trainingTechniques.has(use) || calibratingTechniques.has(use));

/** Whether a recipe has steps that train. */
export const trains = ({ steps }: Recipe): boolean => steps.some(({ use }) => trainingTechniques.has(use));
