/** Distillation at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import type { StepResult, Target } from '../../technique.ts';
import type { MatchingJob } from '../../train/matching.ts';
import { requireData } from '../../train/samples.ts';
import { trainModel } from '../../train/train.ts';
import { trainableTensors } from '../../train/trainable.ts';
import { requireFinite } from '../walk.ts';
import type { LogitsParams } from './logits.ts';

/** Trains the targets on the answers of the teacher, which is the model itself where the context has none; and on its layers. */
export async function distill(
  technique: string,
  model: Model,
  targets: readonly Target<unknown>[],
  context: Context,
  settings: LogitsParams,
  matching?: MatchingJob,
): Promise<StepResult> {
  for (const target of targets) requireFinite(target);
  if (targets.length === 0) return { model, notes: [] };
  const data = requireData(technique, context.training);
  const { temperature, alpha } = settings;
  const teacher = { model: context.teacher ?? model, temperature, alpha, ...(matching ? { matching } : {}) };
  return trainModel({ technique, model, data, settings, teacher, ...trainableTensors(targets) }, context);
}
