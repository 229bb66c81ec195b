/** Gradual pruning at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import { slotsOf } from '../../slots.ts';
import type { StepNote, StepResult, Target } from '../../technique.ts';
import type { Parameter } from '../../train/optimizer.ts';
import { requireData } from '../../train/samples.ts';
import { trainModel } from '../../train/train.ts';
import { trainableTensors } from '../../train/trainable.ts';
import type { TrainableWeight } from '../../train/weight.ts';
import { noteOn, requireFinite } from '../walk.ts';
import { type GradualParams, magnitudeTargets, rampAt } from './gradual-params.ts';
import { maskBelow, maskOfPattern, type PoolThreshold, patternLayout, type RankingParams, thresholdsOf } from './ranking.ts';

/** Trains the whole model and prunes the targets meanwhile. */
export async function pruneWhileTraining(
  technique: string,
  model: Model,
  targets: readonly Target<GradualParams>[],
  context: Context,
  settings: GradualParams,
): Promise<StepResult> {
  const tensors = slotsOf(model);
  for (const tensor of [...targets, ...tensors]) requireFinite(tensor);
  if (targets.length === 0) return { model, notes: [] };
  const data = requireData(technique, context.training);
  const { trained, normalizesBatch } = trainableTensors(tensors);
  const coded = targets.filter(({ weight }) => 'codes' in weight.encoding);
  const text = 'It was not pruned: it is stored as codes. Prune the model before it is quantized.';
  const notes = [...coded.map((target) => noteOn(target, 'coded', text)), ...targets.flatMap(withoutBlock)];
  const pruned = magnitudeTargets(targets.filter((target) => !coded.includes(target)));
  let step = 0;
  let reached = -1;
  const before = settings.rewind ? valuesBefore(trained) : undefined;
  const onProgress = (done: number): 'rewound' | undefined => {
    const share = rampAt(settings, done);
    const due = step++ % settings.frequency === 0 || share === 1;
    if (share === reached || !due) return undefined;
    reached = share;
    pruneTo(pruned, trained, share);
    if (share < 1 || before === undefined || done === 1) return undefined;
    before.forEach((values, parameter) => {
      parameter.values.set(values);
    });
    return 'rewound';
  };
  const counts = () => reached === 1;
  const job = { technique, model, data, settings, trained, normalizesBatch, onProgress, counts };
  const result = await trainModel(job, context);
  return { ...result, notes: [...notes, ...result.notes] };
}

/** What the optimizer moves, as it is before training. */
function valuesBefore(trained: ReadonlyMap<string, TrainableWeight>): Map<Parameter, Float32Array> {
  const parameters = [...trained.values()].flatMap((weight) => weight.parameters);
  return new Map(parameters.map((parameter) => [parameter, parameter.values.slice()]));
}

/** Masks the smallest latent numbers of the targets, up to a share of the sparsity that each is to have. */
function pruneTo(
  targets: ReturnType<typeof magnitudeTargets>,
  trained: ReadonlyMap<string, TrainableWeight>,
  share: number,
): void {
  const now = targets.flatMap((target) => {
    const latent = trained.get(target.id);
    if (latent === undefined) return [];
    const weight = {
      shape: target.weight.shape,
      encoding: target.weight.encoding,
      values: latent.latent,
      ...(latent.mask ? { mask: latent.mask } : {}),
    };
    return [{ ...target, weight, params: { ...target.params, sparsity: target.params.sparsity * share } }];
  });
  const thresholds = thresholdsOf(now);
  for (const target of now) {
    const latent = trained.get(target.id);
    const mask = maskAt(target, thresholds.get(target), share);
    if (latent !== undefined && mask !== undefined) latent.mask = mask;
  }
}

function withoutBlock(target: Target<GradualParams>): StepNote[] {
  const { pattern } = target.params;
  if (pattern === 'unstructured' || patternLayout(target.slot, pattern).whole > 0) return [];
  const shape = target.slot.shape.join('×');
  const text = `It was not pruned: the input axis of ${shape} is shorter than a block of ${pattern}.`;
  return [noteOn(target, 'no-full-block', text)];
}

function maskAt(target: Target<RankingParams>, threshold: PoolThreshold | undefined, share: number): Uint8Array | undefined {
  if (threshold !== undefined) return maskBelow(target, threshold);
  const { pattern } = target.params;
  if (pattern === 'unstructured' || patternLayout(target.slot, pattern).whole === 0) return undefined;
  return maskOfPattern(target, pattern, share);
}
