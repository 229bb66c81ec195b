/** Quantization-aware training at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import { watchModel } from '../../calibration/calibrate.ts';
import { groupRanges } from '../../calibration/group-ranges.ts';
import type { Context, TrainingData } from '../../context.ts';
import { withActivations } from '../../model/activation-grid.ts';
import type { Model } from '../../model/model.ts';
import { slotsOf } from '../../slots.ts';
import type { StepNote, StepResult, Target } from '../../technique.ts';
import { gridWeight } from '../../train/grid-weight.ts';
import { requireData } from '../../train/samples.ts';
import { trainModel } from '../../train/train.ts';
import { trainableTensors } from '../../train/trainable.ts';
import type { TrainableWeight } from '../../train/weight.ts';
import { noteOn, requireFinite } from '../walk.ts';
import { type AffineParams, affineLayout } from './affine.ts';
import { codeAffine } from './affine-codes.ts';
import { type AwareParams, affineTargets } from './aware-params.ts';
import { topCode } from './grid.ts';

/** How strongly, and at which temperature, the original's answers count beside the labels. */
const imitation = { temperature: 4, alpha: 0.9 };

/** A tensor of latent numbers on the grid that quantize/affine would store it on. */
function latentWeight(
  { weight }: Target<AffineParams>,
  options: AffineParams,
  axis: number | null,
  learned: boolean,
): TrainableWeight {
  // Learned steps stretch around zero, so that zero must be a level; pruned weights need it anyway.
  const grid = (values: Float32Array) =>
    codeAffine(values, weight.shape, { ...options, axis, group: undefined, holdsZero: true }).encoding;
  return gridWeight(weight, {
    grid: grid(weight.values),
    top: topCode(options),
    learned,
    ...(learned ? {} : { refit: grid }),
  });
}

/** Samples that the ranges of activations begin with and are told by. */
const watchedSamples = 256;
/** Where the ranges begin: what clips little and heeds no single outlier. */
const beginning = { method: 'percentile', percentile: 99.99, bits: 8 } as const;

const everyLayer = ({ nodes }: Model) => new Map(nodes.map(({ name }) => [name, beginning] as const));

/** The model with grids on all activations, from what its samples show. */
async function calibrated(technique: string, model: Model, data: TrainingData, context: Context): Promise<Model> {
  const { groups } = await watchModel(technique, model, data, watchedSamples, context);
  return withActivations(model, groupRanges(groups, everyLayer(model), model.activations).grids);
}

/** How the ranges of a trained model lie to what would flow through it unrounded. */
async function rangesOf(technique: string, model: Model, range: string, data: TrainingData, context: Context) {
  const { groups } = await watchModel(technique, withActivations(model, new Map()), data, watchedSamples, context);
  const { ranges } = groupRanges(groups, everyLayer(model), model.activations);
  return ranges.map((found) => ({ ...found, method: found.method === 'kept' ? range : found.method }));
}

/** Trains the whole model with the targets on their grids. */
export async function quantizeWhileTraining(
  technique: string,
  model: Model,
  targets: readonly Target<AwareParams>[],
  context: Context,
  settings: AwareParams,
): Promise<StepResult> {
  const tensors = slotsOf(model);
  for (const target of targets) requireFinite(target);
  for (const tensor of tensors) requireFinite(tensor);
  if (targets.length === 0) return { model, notes: [] };
  const data = requireData(technique, context.training);
  const { trained, normalizesBatch } = trainableTensors(tensors);
  const notes: StepNote[] = [];
  for (const target of affineTargets(targets)) {
    const { axis, refused } = affineLayout(target, target.params);
    if (refused !== undefined) notes.push(noteOn(target, refused.code, refused.text));
    else trained.set(target.id, latentWeight(target, target.params, axis, settings.method === 'lsq'));
  }
  const teacher = settings.distill ? { model: context.teacher ?? model, ...imitation } : undefined;
  const { activations, activationRange: ranges } = settings;
  const start = activations === 0 ? model : await calibrated(technique, model, data, context);
  const options = { ...(teacher ? { teacher } : {}), ...(activations === 0 ? {} : { ranges }) };
  const job = { technique, model: start, data, settings, trained, normalizesBatch, ...options };
  const result = await trainModel(job, context);
  return {
    ...result,
    notes: [...notes, ...result.notes],
    ...(activations === 0 ? {} : { ranges: await rangesOf(technique, result.model, ranges, data, context) }),
  };
}
