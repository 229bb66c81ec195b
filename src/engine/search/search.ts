/**
 * The one button: the smallest model within a loss, or the best within a size. Three stages, never a blind grid: the sensitivity table says what
 * each layer stands alone; sharing out bytes by it gives a path of plans from the original to the smallest, along which the goal is
 * found by bisection; then the neighbours of the best plan are tried, most promising first. Every candidate is a recipe, applied in
 * full, measured on the slice and gzipped as it would be downloaded. At most 60 are measured; cancelling keeps what was found.
 */
import type { SampleSource } from '../analysis/samples.ts';
import { applyRecipe } from '../apply.ts';
import type { Context } from '../context.ts';
import { draw } from '../data/split.ts';
import { StudioError } from '../errors.ts';
import { fileFigures } from '../file-figures.ts';
import { weighingFormat } from '../formats/index.ts';
import { elementCount, type Model } from '../model/model.ts';
import { modelMacs } from '../model/topology.ts';
import type { Measured } from '../report.ts';
import { concreteInputs } from '../run.ts';
import { createPredictor, type Executor } from '../runtime/executor.ts';
import { sketchModel } from '../sketch.ts';
import { choicesFor } from './choices.ts';
import { confirm } from './confirm.ts';
import { explore } from './explore.ts';
import { frontOf, type Picks, picksOf } from './front.ts';
import { createMeasure, type SearchGoal, type SearchPoint, type StoppedBy } from './point.ts';
import { createMeasureLayer, exchange, type SensitivityCache, sensitivitySlice, tableOn } from './sensitivity.ts';
import { searchableLayers } from './settings.ts';
import { prepareSlice, type Score, type Slice, scoreOf } from './slice.ts';
import { stoppedBy } from './stopped.ts';

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
  const macs = modelMacs(model, shapes);
  // A net of unknown cost is taken for a large one.
  const runs = Number.isNaN(macs) ? 100 : budget / Math.max(1, macs);
  const affordable = Math.max(100, Math.floor(Math.min(runs, mostElements / elements)));
  return Math.min(mostSamples, affordable, dataset?.size ?? 256);
}

/** Fewer samples than these tell nothing new about a candidate. */
const fewest = 50;

/**
 * Searches. `dataset` is the exploring part of the data, or null for synthetic inputs. Throws DATA_* where the data does not fit,
 * SEARCH_NO_LAYERS where nothing can be compressed; cancelling ends it early and throws nothing.
 */
export async function searchRecipes(job: SearchJob): Promise<SearchResult> {
  const { model, goal, context } = job;
  if (searchableLayers(model).length === 0) throw noLayers(model);
  const samples = searchSamples(model, job);
  const found: Found = { points: [], before: null };
  let code: StoppedBy['code'];
  const executor = await createPredictor(model, { inputShapes: concreteInputs(model, job.dataset) });
  try {
    code = await searchOn(executor, job, samples, found);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    code = 'cancelled';
  } finally {
    executor.dispose();
  }
  const order = ranked(found.points, goal);
  const best = found.points.find(({ id }) => id === order.best);
  return {
    goal,
    before: found.before,
    points: found.points,
    ...order,
    stoppedBy: stoppedBy(code, goal, found.points, best),
    samples,
    synthetic: job.dataset === null,
  };
}

/** What outlives a cancelled search. */
interface Found {
  points: SearchPoint[];
  before: SearchResult['before'];
}

async function searchOn(executor: Executor, job: SearchJob, samples: number, found: Found): Promise<StoppedBy['code']> {
  const { model, goal, context, dataset, seed = 7 } = job;
  const { drawn, rest } = dataset === null ? { drawn: null, rest: null } : draw(dataset, samples);
  const slice = await prepareSlice(executor, { ...job, dataset: drawn }, samples, context);
  found.before = await originalOf(model, slice, context);
  const macs = modelMacs(model, executor.inputShapes);
  const measureLayer = createMeasureLayer(executor, model, sensitivitySlice(slice, macs, searchableLayers(model).length), job);
  const table = await tableOn(model, slice, measureLayer, context);
  const layers = await choicesFor(sketchModel(model), table, measureLayer);
  const measure = createMeasure({ model, goal, seed, context }, executor, slice, found.before.gzip, (point) => {
    found.points.push(point);
    job.onPoint?.(point);
  });
  const evaluations = Math.min(mostEvaluations, job.evaluations ?? mostEvaluations);
  const code = await explore({ goal, layers, evaluations, measure, context });
  if (rest === null || rest.size < fewest) return code;
  const unseen = Math.min(samples, rest.size);
  exchange(executor, model);
  const second = await prepareSlice(executor, { ...job, dataset: rest }, unseen, context);
  const rebuild = async ({ recipe }: SearchPoint) => (await applyRecipe(model, recipe, { ...context, report: () => {} })).model;
  found.points = await confirm(found.points, { goal, slice: second, samples, executor, rebuild, context });
  return code;
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
  const sizes = await fileFigures(model, weighingFormat(model), 'float32', context);
  const { kind, value } = scoreOf(slice, slice.reference);
  return { score: value, kind, gzip: sizes['size/gzip']?.value ?? 0 };
}

function ranked(points: readonly SearchPoint[], goal: SearchGoal): Pick<SearchResult, 'front' | 'picks' | 'best'> {
  // The loss over more samples is the better one.
  const front = frontOf(points.map((point) => ({ ...point, dropPoints: point.confirmed?.dropPoints ?? point.dropPoints })));
  const meeting = front.filter(({ meets }) => meets);
  const best = goal.kind === 'accuracy' ? meeting[0] : meeting.at(-1);
  return { front: front.map(({ id }) => id), picks: picksOf(front), best: best?.id ?? null };
}
