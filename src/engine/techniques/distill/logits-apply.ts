/** Distillation of answers at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import type { StepResult, Target } from '../../technique.ts';
import { requireData } from '../../train/samples.ts';
import { trainModel } from '../../train/train.ts';
import { trainableTensors } from '../../train/trainable.ts';
import { requireFinite } from '../walk.ts';
import type { LogitsParams } from './logits.ts';

/** Trains the targets on the answers of the teacher, which is the model itself where the context has none. */
export async function distill(
  technique: string,
  model: Model,
  targets: readonly Target<LogitsParams>[],
  context: Context,
  settings: LogitsParams,
): Promise<StepResult> {
  for (const target of targets) requireFinite(target);
  if (targets.length === 0) return { model, notes: [] };
  const data = requireData(technique, context.training);
  const { temperature, alpha } = settings;
  const teacher = { model: context.teacher ?? model, temperature, alpha };
  return trainModel({ technique, model, data, settings, teacher, ...trainableTensors(targets) }, context);
}
