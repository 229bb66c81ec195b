/** Low-rank decomposition at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import type { StepNote, StepResult, Target } from '../../technique.ts';
import { visitTargets } from '../walk.ts';
import { factorizeKernel } from './factorize.ts';
import type { LowRankParams } from './low-rank-params.ts';

export async function decomposeKernels(
  technique: string,
  model: Model,
  targets: readonly Target<LowRankParams>[],
  context: Context,
): Promise<StepResult> {
  const notes: StepNote[] = [];
  let current = model;
  await visitTargets(technique, targets, context, (target) => {
    const factored = factorizeKernel(current, target);
    current = factored.model;
    notes.push(factored.note);
  });
  return { model: current, notes };
}
