/**
 * How much each layer alone can be compressed: the loss (see slice.ts) of the model with nothing but this layer pruned or quantized,
 * for each candidate setting. Measured by exchanging one layer's weights on a running executor. Every figure is kept in the
 * caller's cache as soon as it is known, so that a cancelled table goes on where it stopped.
 */
import type { SampleSource } from '../analysis/samples.ts';
import { applyRecipe } from '../apply.ts';
import { type Context, checkpoint } from '../context.ts';
import { draw } from '../data/split.ts';
import type { Model } from '../model/model.ts';
import { modelMacs } from '../model/topology.ts';
import { concreteInputs } from '../run.ts';
import { createPredictor, type Executor } from '../runtime/executor.ts';
import { type Grid, keyOf, recipeOf, type Setting, searchableLayers } from './settings.ts';
import { firstOf, lossOf, outputsOn, prepareSlice, type Slice } from './slice.ts';

/** Losses by a text that names model, data, layer and setting. */
export type SensitivityCache = Map<string, number>;

export interface SensitivityJob extends SampleSource {
  readonly model: Model;
  /** Kept losses; `key` names the model and the data with its scaling. */
  readonly cache?: { readonly losses: SensitivityCache; readonly key: string };
  readonly context: Context;
}

export interface LayerSensitivity {
  readonly layer: string;
  readonly losses: readonly { readonly setting: Setting; readonly loss: number }[];
}

export interface SensitivityTable {
  readonly layers: readonly LayerSensitivity[];
  /** What the losses are: mean Kullback–Leibler divergence in nats, or share of the outputs' variance. */
  readonly unit: 'nat' | 'fraction';
  readonly samples: number;
  readonly synthetic: boolean;
}

const sparsities = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98];
const affine = (per: 'channel' | 'tensor', range: 'min-max' | 'mse', bits: readonly number[]): Grid[] =>
  bits.map((width) => ({ use: 'affine', bits: width, per, range }));
const grids: readonly Grid[] = [
  ...affine('channel', 'mse', [8, 6, 5, 4, 3, 2]),
  ...affine('channel', 'min-max', [6, 4]),
  ...affine('tensor', 'mse', [8, 6, 5, 4, 3, 2]),
  ...[4, 3, 2, 1].map((bits): Grid => ({ use: 'codebook', bits })),
];
/** For nets of many layers, where every figure is a run of the whole net. */
const fewGrids: readonly Grid[] = [...affine('channel', 'mse', [8, 4, 3, 2]), ...affine('tensor', 'mse', [8, 5])];
const fewSparsities = [0.5, 0.8, 0.9];
const manyLayers = 24;

/** The settings whose loss is measured for each layer of a net. */
export function measuredSettings(layers: number): readonly Setting[] {
  const many = layers > manyLayers;
  return [
    ...(many ? fewSparsities : sparsities).map((sparsity) => ({ sparsity, grid: null })),
    ...(many ? fewGrids : grids).map((grid) => ({ sparsity: 0, grid })),
  ];
}

const mostSamples = 128;
/** Multiply-accumulates that the whole table may take. */
const budget = 1e11;

/** Samples a table rests on: fewer where the net is large. */
export function sensitivitySamples(macs: number, figures: number): number {
  // A net of unknown cost is taken for a large one.
  return Number.isNaN(macs) ? 8 : Math.max(8, Math.min(mostSamples, Math.floor(budget / (macs * figures))));
}

/** Measures the table on a few samples of a dataset, or on synthetic ones. Throws as evaluation does, and the signal's reason. */
export async function measureSensitivity(job: SensitivityJob): Promise<SensitivityTable> {
  const { model, dataset, context } = job;
  const inputShapes = concreteInputs(model, dataset);
  const layers = searchableLayers(model);
  const wanted = sensitivitySamples(modelMacs(model, inputShapes), layers.length * measuredSettings(layers.length).length);
  const executor = await createPredictor(model, { inputShapes });
  try {
    const drawn = dataset === null ? null : draw(dataset, wanted).drawn;
    const slice = await prepareSlice(executor, { ...job, dataset: drawn }, Math.min(wanted, drawn?.size ?? wanted), context);
    return await tableOn(model, slice, createMeasureLayer(executor, model, slice, job), context);
  } finally {
    executor.dispose();
  }
}

/** Measures the loss of one layer's setting, or remembers it. Leaves the executor with the weights it tried last. */
export type MeasureLayer = (layer: string, setting: Setting) => Promise<number>;

/** A measure of single layers on samples that were read already. */
export function createMeasureLayer(
  executor: Executor,
  model: Model,
  slice: Slice,
  { cache, context }: Pick<SensitivityJob, 'cache' | 'context'>,
): MeasureLayer {
  const quiet = { ...context, report: () => {} };
  return async (layer, setting) => {
    await checkpoint(context);
    const key = `${cache?.key}|${slice.samples}|${layer}|${keyOf(setting)}`;
    const loss = cache?.losses.get(key) ?? (await lossWith(executor, model, slice, layer, setting, quiet));
    cache?.losses.set(key, loss);
    return loss;
  };
}

/** The table of a model's searchable layers. */
export async function tableOn(model: Model, slice: Slice, measure: MeasureLayer, context: Context): Promise<SensitivityTable> {
  const names = searchableLayers(model);
  const settings = measuredSettings(names.length);
  const layers: LayerSensitivity[] = [];
  const total = names.length * settings.length;
  for (const [index, layer] of names.entries()) {
    const losses: { setting: Setting; loss: number }[] = [];
    for (const [place, setting] of settings.entries()) {
      context.report({ stage: 'sensitivity', done: index * settings.length + place, total });
      losses.push({ setting, loss: await measure(layer, setting) });
    }
    layers.push({ layer, losses });
  }
  context.report({ stage: 'sensitivity', done: total, total });
  const classes = slice.score === 'accuracy' || slice.score === 'agreement';
  return { layers, unit: classes ? 'nat' : 'fraction', samples: slice.samples, synthetic: slice.synthetic };
}

async function lossWith(
  executor: Executor,
  model: Model,
  slice: Slice,
  layer: string,
  setting: Setting,
  context: Context,
): Promise<number> {
  const applied = await applyRecipe(model, recipeOf(model, new Map([[layer, setting]]), 7), context);
  exchange(executor, applied.model);
  return lossOf(slice, await outputsOn(executor, slice, context));
}

/** Gives an executor a candidate's weights; pruning and quantizing never change the graph. */
export function exchange(executor: Executor, model: Model): void {
  if (!executor.updateWeights(model)) throw new Error('A candidate of the search changed the graph.');
}

/** The first samples of a slice that a table of this size may take. */
export function sensitivitySlice(slice: Slice, macs: number, layers: number): Slice {
  return firstOf(slice, sensitivitySamples(macs, layers * measuredSettings(layers).length));
}
