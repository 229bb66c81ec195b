/**
 * Static quantization at work; apart from its record, so that whoever lists techniques loads no TF.js. For a preview a few samples are
 * watched once per model, graph and data: a slider that moves weights or ranges afterwards costs no pass through the network.
 */
import { type Watched, watchModel } from '../../calibration/calibrate.ts';
import { groupRanges } from '../../calibration/group-ranges.ts';
import type { Context, TrainingData } from '../../context.ts';
import { StudioError } from '../../errors.ts';
import { withActivations } from '../../model/activation-grid.ts';
import type { Model } from '../../model/model.ts';
import { slotsOf } from '../../slots.ts';
import type { ChosenLayers, StepNote, StepResult } from '../../technique.ts';
import { requireFinite } from '../walk.ts';
import type { StaticParams } from './static.ts';

/** Samples that a preview looks at. */
const glance = 32;
/** Ranges from fewer samples than this are noted as uncertain. */
const fewSamples = 100;
/** What previews of a model have watched, by graph and data, the most recently used last. */
const glances = new WeakMap<Model, Map<string, Watched>>();
const keptGlances = 4;

/** Calibrates on the samples that the step asks for. Throws CALIBRATION_*, WEIGHT_NOT_FINITE, DATA_SHAPE or the signal's reason. */
export async function quantizeActivations(
  technique: string,
  model: Model,
  layers: ChosenLayers<StaticParams>,
  context: Context,
  { samples }: StaticParams,
): Promise<StepResult> {
  for (const tensor of slotsOf(model)) requireFinite(tensor);
  if (![...layers.values()].some((own) => own !== null)) return { model, notes: [] };
  const watched = await watchModel(technique, model, requireData(technique, context.training), samples, context);
  const result = quantized(technique, model, watched, layers);
  if (watched.samples >= fewSamples) return result;
  const text = `${technique}: the ranges rest on ${watched.samples} samples alone; ${fewSamples} and more are safer.`;
  return { ...result, notes: [...result.notes, { layer: '', code: 'few-samples', text }] };
}

/** The same from a glance at the data; the model as it is where there is none. */
export async function previewActivations(
  technique: string,
  model: Model,
  layers: ChosenLayers<StaticParams>,
  context: Context,
  { samples }: StaticParams,
): Promise<StepResult> {
  const { training, teacher = model } = context;
  if (training === undefined) return { model, notes: [] };
  const known = glances.get(teacher) ?? new Map<string, Watched>();
  glances.set(teacher, known);
  const key = JSON.stringify([training.id, model.nodes, [...(model.activations ?? [])]]);
  const watched = known.get(key) ?? (await watchModel(technique, model, training, Math.min(samples, glance), context));
  known.delete(key);
  known.set(key, watched);
  const [oldest = ''] = known.keys();
  if (known.size > keptGlances) known.delete(oldest);
  return quantized(technique, model, watched, layers);
}

function quantized(technique: string, model: Model, watched: Watched, layers: ChosenLayers<StaticParams>): StepResult {
  const options = [...layers].map(
    ([layer, own]) => [layer, own && { method: own.range, percentile: own.percentile, bits: own.bits }] as const,
  );
  const { grids, ranges, unseen } = groupRanges(watched.groups, new Map(options), model.activations);
  const notes = unseen.map(
    (layer): StepNote => ({
      layer,
      code: 'range-not-finite',
      text: `${technique}: some of its values were NaN or infinite on the calibration samples; they were left out.`,
    }),
  );
  return { model: withActivations(model, grids), notes, ranges };
}

function requireData(technique: string, training: TrainingData | undefined): TrainingData {
  if (training !== undefined) return training;
  throw new StudioError({
    code: 'CALIBRATION_NO_DATA',
    title: `The step ${technique} has nothing to calibrate on.`,
    detail: 'It measures the ranges of activations on samples, and no data was given.',
    hint: 'Open data, with or without labels, or give --data or --train-data on the command line.',
    context: { use: technique },
  });
}
