/**
 * The one button: the smallest model within a loss, or the best within a size. Three stages, never a blind grid: the sensitivity table says what
 * each layer stands alone; sharing out bytes by it gives a path of plans from the original to the smallest, along which the goal is
 * found by bisection; then the neighbours of the best plan are tried, most promising first. Every candidate is a recipe, applied in
 * full, measured on the slice and gzipped as it would be downloaded. At most 60 are measured; cancelling keeps what was found.
 */
import type { SampleSource } from '../analysis/samples.ts';
import type { Context } from '../context.ts';
import { StudioError } from '../errors.ts';
import { fileFigures } from '../file-figures.ts';
import { tfjsLayers } from '../formats/tfjs-layers/index.ts';
import { elementCount, type Model } from '../model/model.ts';
import { modelMacs } from '../model/topology.ts';
import type { Measured } from '../report.ts';
import { concreteInputs } from '../run.ts';
import { createPredictor } from '../runtime/executor.ts';
import { sketchModel } from '../sketch.ts';
import { choicesFor } from './choices.ts';
import { explore } from './explore.ts';
import { frontOf, type Picks, picksOf } from './front.ts';
import { createMeasure, type SearchGoal, type SearchPoint } from './point.ts';
import { type SensitivityCache, sensitivitySlice, tableOn } from './sensitivity.ts';
import { searchableLayers } from './settings.ts';
import { prepareSlice, type Score, type Slice, scoreOf } from './slice.ts';

export interface SearchJob extends SampleSource {
  readonly model: Model;
  readonly goal: SearchGoal;
  /** Of the recipes; 7 where absent. */
  readonly seed?: number;
  /** Candidates to measure; at most 60. */
  readonly evaluations?: number;
  /** Sensitivities kept from an earlier search; `key` names the model and the data with its scaling. */
  readonly cache?: { readonly losses: SensitivityCache; readonly key: string };
  readonly context: Context;
  readonly onPoint?: (point: SearchPoint) => void;
}

export interface StoppedBy {
  readonly code: 'goal' | 'evaluations' | 'smallest' | 'unreachable' | 'cancelled';
  readonly text: string;
}

/** Plain JSON. */
export interface SearchResult {
  readonly goal: SearchGoal;
  /** The original on the same samples; `gzip` in bytes. Null where the search was cancelled before it knew. */
  readonly before: { readonly score: Measured; readonly kind: Score['kind']; readonly gzip: number } | null;
  readonly points: readonly SearchPoint[];
  /** Ids of the points that no other beats in size and score, smallest first. */
  readonly front: readonly number[];
  readonly picks: Picks;
  /** The id of the point that serves the goal best; null where none meets it. */
  readonly best: number | null;
  readonly stoppedBy: StoppedBy;
  readonly samples: number;
  readonly synthetic: boolean;
}

const mostEvaluations = 60;
const mostSamples = 1000;
/** Numbers that the slice's inputs may hold in memory. */
const mostElements = 2 ** 24;
/** Multiply-accumulates that one candidate may take. */
const budget = 4e9;

/** Samples that each candidate is measured on: 1,000, or as many as a large net or large inputs allow, never fewer than 100. */
export function searchSamples(model: Model, { dataset }: Pick<SampleSource, 'dataset'>): number {
  const shapes = concreteInputs(model, dataset);
  const elements = shapes.reduce((sum, shape) => sum + elementCount(shape), 0);
  const affordable = Math.max(100, Math.floor(Math.min(budget / Math.max(1, modelMacs(model, shapes)), mostElements / elements)));
  return Math.min(mostSamples, affordable, dataset?.size ?? 256);
}

/** Searches. `dataset` is the exploring part of the data, or null for synthetic inputs. Throws DATA_* where the data does not fit, SEARCH_NO_LAYERS where nothing can be compressed. */
export async function searchRecipes(job: SearchJob): Promise<SearchResult> {
  const { model, goal, context } = job;
  if (searchableLayers(model).length === 0) throw noLayers(model);
  const samples = searchSamples(model, job);
  const points: SearchPoint[] = [];
  let before: SearchResult['before'] = null;
  let stoppedBy: StoppedBy;
  try {
    const executor = await createPredictor(model, { inputShapes: concreteInputs(model, job.dataset) });
    try {
      const slice = await prepareSlice(executor, job, samples, context);
      before = await originalOf(model, slice, context);
      const macs = modelMacs(model, executor.inputShapes);
      const small = sensitivitySlice(slice, macs, searchableLayers(model).length);
      const table = await tableOn(executor, model, small, job);
      const measure = createMeasure({ ...job, seed: job.seed ?? 7 }, executor, slice, before.gzip, (point) => {
        points.push(point);
        job.onPoint?.(point);
      });
      const evaluations = Math.min(mostEvaluations, job.evaluations ?? mostEvaluations);
      stoppedBy = await explore({ goal, layers: choicesFor(sketchModel(model), table), evaluations, measure, context });
    } finally {
      executor.dispose();
    }
  } catch (error) {
    if (!context.signal.aborted) throw error;
    const text = `The search was stopped after ${points.length} candidates; what it found stays.`;
    stoppedBy = { code: 'cancelled', text };
  }
  return { goal, before, ...ranked(points, goal), stoppedBy, samples, synthetic: job.dataset === null };
}

function noLayers(model: Model): StudioError {
  return new StudioError({
    code: 'SEARCH_NO_LAYERS',
    title: 'There is nothing to search in this model.',
    detail: `None of the ${model.nodes.length} layers has a kernel stored as plain numbers.`,
    hint: 'Start the search from the original model, before it is compressed.',
    context: { layers: model.nodes.length },
  });
}

async function originalOf(model: Model, slice: Slice, context: Context): Promise<NonNullable<SearchResult['before']>> {
  const sizes = await fileFigures(model, tfjsLayers, 'float32', context);
  const { kind, value } = scoreOf(slice, slice.reference);
  return { score: value, kind, gzip: sizes['size/gzip']?.value ?? 0 };
}

/** Front, picks and best of what was tried. */
export function ranked(
  points: readonly SearchPoint[],
  goal: SearchGoal,
): Pick<SearchResult, 'points' | 'front' | 'picks' | 'best'> {
  const front = frontOf(points);
  const meeting = front.filter(({ meets }) => meets);
  const best = goal.kind === 'accuracy' ? meeting[0] : meeting.at(-1);
  return { points, front: front.map(({ id }) => id), picks: picksOf(front), best: best?.id ?? null };
}
