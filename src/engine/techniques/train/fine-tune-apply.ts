/** Fine-tuning at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import type { StepResult, Target } from '../../technique.ts';
import { requireData } from '../../train/samples.ts';
import { trainModel } from '../../train/train.ts';
import { trainableTensors } from '../../train/trainable.ts';
import { requireFinite } from '../walk.ts';
import type { FineTuneParams } from './fine-tune.ts';

/** Trains the targets; everything else stays as it is. */
export async function fineTune(
  technique: string,
  model: Model,
  targets: readonly Target<FineTuneParams>[],
  context: Context,
  settings: FineTuneParams,
): Promise<StepResult> {
  for (const target of targets) requireFinite(target);
  if (targets.length === 0) return { model, notes: [] };
  const data = requireData(technique, context.training);
  return trainModel({ technique, model, data, settings, ...trainableTensors(targets) }, context);
}
