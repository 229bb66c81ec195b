/**
 * The share of channels that makes a model so much faster on this device: bisection over the ratio of the recipe's step, each candidate
 * timed in turn with the original, sample by sample. Time hangs on the machine and its kernels and not on weights, so that the planned
 * graph is enough; what comes out is a ratio, and the recipe stays the same recipe on every machine.
 */
import { createSamples, type SampleSource } from '../analysis/samples.ts';
import type { Context } from '../context.ts';
import { alternate, medianInterval, quantile } from '../metrics/latency.ts';
import type { Model } from '../model/model.ts';
import { planRecipe } from '../plan.ts';
import type { Recipe } from '../recipe.ts';
import { concreteInputs } from '../run.ts';
import { createPredictor } from '../runtime/executor.ts';

export interface SpeedJob extends SampleSource {
  readonly model: Model;
  readonly recipe: Recipe;
  /** Place of the step that removes channels. */
  readonly step: number;
  /** Times as fast as the original. */
  readonly wanted: number;
  readonly context: Context;
  readonly onPoint?: (point: SpeedPoint) => void;
  /** How long a candidate is timed, ms. */
  readonly budgetMs?: number;
}

export interface SpeedPoint {
  readonly ratio: number;
  /** Median over pairs of runs of the original's time over the candidate's. */
  readonly faster: number;
  /** Of that median, 95 %, by the sign test. */
  readonly interval?: readonly [number, number];
  readonly pairs: number;
}

export interface SpeedResult {
  /** The least ratio that was measured to be fast enough; null where none was. */
  readonly best: SpeedPoint | null;
  readonly points: readonly SpeedPoint[];
}

const largest = 0.95;
const rounds = 6;
/** A confirmation takes so much longer than a try. */
const patience = 3;

const withRatio = ({ recipe, step }: Pick<SpeedJob, 'recipe' | 'step'>, ratio: number): Recipe => ({
  ...recipe,
  steps: recipe.steps.map((one, at) => (at === step ? { ...one, ratio } : one)),
});

/** Searches the ratio. Throws RECIPE_*, DATA_SHAPE, or the signal's reason; cancelled within one run of a model. */
export async function findChannelSpeed(job: SpeedJob): Promise<SpeedResult> {
  const { model, context, wanted, budgetMs = 900 } = job;
  const inputShapes = concreteInputs(model, job.dataset);
  const points: SpeedPoint[] = [];
  const original = await createPredictor(model, { inputShapes });
  let inputs: readonly Float32Array[] = [];
  const measure = async (ratio: number, longer = 1): Promise<SpeedPoint> => {
    const candidate = await createPredictor(planRecipe(withRatio(job, ratio), model).structure, { inputShapes });
    try {
      const options = { inputs, count: 1, context: { ...context, report: () => {} }, runs: 200 };
      const budget = { budgetMs: longer * budgetMs, minimumMs: longer * budgetMs };
      const point = { ratio, ...fasterOf(await alternate({ before: original, after: candidate, ...options, ...budget })) };
      points.push(point);
      job.onPoint?.(point);
      context.report({ stage: 'latency', done: points.length, total: rounds + 2 });
      return point;
    } finally {
      candidate.dispose();
    }
  };
  try {
    inputs = await (await createSamples(job, original, 7))(0, 1);
    let best = await measure(largest);
    if (best.faster < wanted) return { best: null, points };
    let [low, high] = [0, largest];
    for (let round = 0; round < rounds; round++) {
      const middle = Math.round(50 * (low + high)) / 100;
      if (middle <= low || middle >= high) break;
      const point = await measure(middle);
      if (point.faster < wanted) low = middle;
      else {
        high = middle;
        best = point;
      }
    }
    return { best: await confirmed(best, wanted, measure), points };
  } finally {
    original.dispose();
  }
}

/** What was fast enough in a short look is looked at for longer, and goes a little further where it was luck. */
async function confirmed(
  first: SpeedPoint,
  wanted: number,
  measure: (ratio: number, longer: number) => Promise<SpeedPoint>,
): Promise<SpeedPoint | null> {
  for (let ratio = first.ratio; ratio <= largest; ratio = Math.round(100 * ratio + 4) / 100) {
    const point = await measure(ratio, patience);
    if (point.faster >= wanted) return point;
  }
  return null;
}

function fasterOf({ before, after }: Awaited<ReturnType<typeof alternate>>): Omit<SpeedPoint, 'ratio'> {
  const ratios = before.map((time, run) => time / (after[run] ?? Number.NaN)).sort((a, b) => a - b);
  const interval = medianInterval(ratios);
  return { faster: quantile(ratios, 0.5), pairs: ratios.length, ...(interval && { interval }) };
}
