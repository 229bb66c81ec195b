/**
 * A run: applies a recipe, then measures the original and the result in the same way, with the same writer, data, backend and clock.
 * Sizes come first, since they need no device; accuracy sharpens batch by batch; latency alternates between the two.
 */
import type { AnswerCache } from './answer-cache.ts';
import { applyRecipe, type RecipeCache } from './apply.ts';
import type { Context } from './context.ts';
import type { Dataset, Preprocessing } from './data/dataset.ts';
import { createPreprocess } from './data/preprocess.ts';
import { syntheticInputs } from './data/synthetic.ts';
import { fileFigures } from './file-figures.ts';
import { weighingFormat } from './formats/index.ts';
import { layerReports } from './layer-reports.ts';
import { estimateEnergy } from './metrics/energy.ts';
import { type Evaluation, evaluate } from './metrics/evaluate.ts';
import { type Latency, measureLatency, whyNotFaster } from './metrics/latency.ts';
import { macsFigure } from './metrics/macs.ts';
import { peakMemory } from './metrics/memory.ts';
import { type Outcomes, outcomesOf } from './metrics/outcomes.ts';
import { modelParameters } from './metrics/parameters.ts';
import { concreteShape, hasOpenSize } from './model/input-size.ts';
import type { Model } from './model/model.ts';
import type { Recipe } from './recipe.ts';
import type { Environment, Figures, Measured, Report } from './report.ts';
import { createPredictor, type Executor } from './runtime/executor.ts';
import type { StepNote } from './technique.ts';

export interface RunJob {
  readonly model: Model;
  readonly recipe: Recipe;
  /** Null: sizes, costs, latency and agreement on synthetic inputs. */
  readonly dataset: Dataset | null;
  readonly preprocessing: Preprocessing;
  /** The first samples only. */
  readonly limit?: number;
  readonly environment: Environment;
  readonly context: Context;
  readonly cache?: RecipeCache;
  /** What the original answered in earlier runs, and keeps answering. */
  readonly answers?: AnswerCache;
  /** Sizes of the original, where they were measured before. */
  readonly before?: Figures;
  /** Called with all figures known so far for the result. */
  readonly onPartial?: (after: Figures) => void;
}

export interface RunOutcome {
  readonly model: Model;
  readonly report: Report;
}

/** Sizes for inputs whose own are open: those that were chosen, else the data's, else usual ones. */
export function concreteInputs(model: Model, dataset: Dataset | null): number[][] {
  return model.inputs.map((input) => concreteShape(input, dataset?.sampleShape ?? null));
}

function createClock() {
  const timings: Record<string, number> = {};
  const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await work();
    } finally {
      timings[stage] = (timings[stage] ?? 0) + performance.now() - start;
    }
  };
  return { timings, timed };
}

const wanted = (recipe: Recipe, family: string): boolean =>
  recipe.measure === undefined || recipe.measure.some((metric) => metric.startsWith(family));

/** Multiply-accumulates and parameters, exact, and the energy they would take, estimated; none needs a device. */
function costFigures(model: Model, shapes: readonly (readonly number[])[]): Figures {
  const macs = macsFigure(model, shapes);
  const { all, nonZero } = modelParameters(model);
  const count = (value: number): Measured => ({ value, unit: '', how: 'measured' });
  const energy = estimateEnergy(model, shapes);
  return {
    ...(macs && { macs }),
    'parameters/all': count(all),
    'parameters/nonzero': count(nonZero),
    ...(energy === null ? {} : { 'energy/inference': energy.total }),
  };
}

/** Runs a recipe. Throws the signal's reason when cancelled, RUNTIME_DEVICE_LOST where the device went away. */
export async function runRecipe(job: RunJob): Promise<RunOutcome> {
  const { model, recipe, context, dataset } = job;
  const { timings, timed } = createClock();
  const applied = await timed('apply', () => applyRecipe(model, recipe, context, job.cache));
  const shapes = concreteInputs(model, dataset);
  const sizes = await timed('size', async () => ({
    before: job.before ?? (await fileFigures(model, weighingFormat(model), 'float32', context)),
    after: await fileFigures(applied.model, weighingFormat(applied.model), 'encoded', context),
  }));
  const costs = { before: costFigures(model, shapes), after: costFigures(applied.model, shapes) };
  const known: Figures = { ...sizes.after, ...costs.after };
  job.onPartial?.(known);
  const measured = await measureBoth(job, applied.model, shapes, timed, (figures) => job.onPartial?.({ ...known, ...figures }));
  const layers = layerReports(model, applied.model, {
    reference: applied.reference,
    inputShapes: shapes,
    notes: applied.notes,
    shares: measured.shares,
  });
  return {
    model: applied.model,
    report: {
      report: 1,
      model: model.name,
      recipe,
      environment: job.environment,
      before: { ...sizes.before, ...costs.before, ...measured.before },
      after: { ...sizes.after, ...costs.after, ...measured.after },
      paired: measured.paired,
      ...(measured.outcomes && { outcomes: measured.outcomes }),
      layers,
      notes: [...applied.notes, ...measured.notes, ...sizeNotes(model, shapes)],
      ...(applied.training.length === 0 ? {} : { training: applied.training }),
      ...(applied.ranges.length === 0 ? {} : { ranges: applied.ranges }),
      timings,
    },
  };
}

/** What the figures hold for, where the model takes inputs of any size. */
function sizeNotes(model: Model, shapes: readonly (readonly number[])[]): StepNote[] {
  if (!hasOpenSize(model)) return [];
  const text = `The model takes inputs of any size: work, memory, energy and time are those of ${shapes.map((shape) => shape.join(' × ')).join(', ')}.`;
  return [{ layer: '', code: 'INPUT_SIZE', text }];
}

interface BothMeasured {
  readonly before: Figures;
  readonly after: Figures;
  readonly paired: Report['paired'];
  readonly outcomes: Outcomes | null;
  readonly notes: readonly StepNote[];
  readonly shares: ReadonlyMap<string, number>;
}

async function measureBoth(
  job: RunJob,
  result: Model,
  shapes: readonly (readonly number[])[],
  timed: <T>(stage: string, work: () => Promise<T>) => Promise<T>,
  onPartial: (after: Figures) => void,
): Promise<BothMeasured> {
  const executors: Executor[] = [];
  try {
    for (const model of [job.model, result]) executors.push(await createPredictor(model, { inputShapes: shapes }));
    const [before, after] = executors as [Executor, Executor];
    const evaluation = await timed('accuracy', () => measureAnswers(job, [before, after], onPartial));
    const memory = { before: peakMemory(before), after: peakMemory(after) };
    const latency = wanted(job.recipe, 'latency') ? await timed('latency', () => measureTime(job, before, after)) : null;
    const why = whyNotFaster(job.model, result);
    return {
      before: { ...evaluation?.before, 'memory/peak': memory.before, ...latency?.before },
      after: { ...(evaluation?.after ?? {}), ...evaluation?.agreement, 'memory/peak': memory.after, ...latency?.after },
      paired: { ...evaluation?.paired, ...(latency ? { 'latency/median': latency.paired } : {}) },
      outcomes: outcomesOf(evaluation?.answers ?? null, evaluation?.task === 'classes' ? job.dataset?.labels : undefined),
      notes: [
        ...(evaluation?.notes ?? []).map(({ code, text }) => ({ layer: '', code, text })),
        ...(why === undefined ? [] : [{ layer: '', code: 'same-speed', text: why }]),
      ],
      shares: latency?.layerShare ?? new Map(),
    };
  } finally {
    for (const executor of executors) executor.dispose();
  }
}

async function measureAnswers(
  job: RunJob,
  predictors: readonly [Executor, Executor],
  onPartial: (after: Figures) => void,
): Promise<Evaluation | null> {
  if (!wanted(job.recipe, 'accuracy') && !wanted(job.recipe, 'agreement')) return null;
  const { dataset, preprocessing, answers } = job;
  const known = dataset && answers?.of(dataset, preprocessing, predictors[0].backend);
  return evaluate({
    predictors,
    ...(known && { known }),
    dataset,
    preprocessing,
    ...(job.limit === undefined ? {} : { limit: job.limit }),
    context: job.context,
    onPartial: ({ after, agreement }) => onPartial({ ...after, ...agreement }),
  });
}

/** One sample at a time, as a device meets them: the first of the data, or a synthetic one. */
async function measureTime(job: RunJob, first: Executor, second: Executor): Promise<Latency> {
  const [before, after] = [first.simulated ?? first, second.simulated ?? second];
  const { dataset, context } = job;
  const [shape = []] = before.inputShapes;
  let inputs = syntheticInputs(before.inputShapes, 0, 1, job.recipe.seed, before.rowCounts);
  if (dataset !== null) {
    const values = await dataset.batch(0, 1, shape);
    (await createPreprocess(job.preprocessing, dataset, shape))(values);
    inputs = [values];
  }
  return measureLatency({ before, after, inputs, count: 1, context });
}
