/** Measuring one candidate: its recipe applied, its answers on the slice, and the true bytes of its gzipped TF.js file. */
import { applyRecipe, createRecipeCache } from '../apply.ts';
import { type Context, checkpoint } from '../context.ts';
import { fileFigures } from '../file-figures.ts';
import { weighingFormat } from '../formats/index.ts';
import type { Model } from '../model/model.ts';
import type { Recipe } from '../recipe.ts';
import type { Executor } from '../runtime/executor.ts';
import type { LayerChoices, Plan } from './choices.ts';
import { exchange } from './sensitivity.ts';
import { recipeOf, type Setting } from './settings.ts';
import { lossOf, outputsOn, type Score, type Slice, scoreOf } from './slice.ts';

export type SearchGoal =
  | { readonly kind: 'accuracy' /** Points of the score that may be lost. */; readonly maxDropPoints: number }
  | { readonly kind: 'size' /** Bytes of the gzipped TF.js file. */; readonly maxBytes: number };

export interface SearchPoint {
  /** From 1, in the order in which they were tried. */
  readonly id: number;
  readonly recipe: Recipe;
  readonly score: Score;
  readonly dropPoints: number;
  /** Mean divergence from the original's answers; what tells candidates of equal score apart. */
  readonly loss: number;
  /** Bytes of the TF.js file, gzipped and plain. */
  readonly gzip: number;
  readonly file: number;
  /** Gzip relative to the original's. */
  readonly share: number;
  /** Whether it meets the goal. */
  readonly meets: boolean;
  readonly layers: readonly { readonly layer: string; readonly setting: Setting }[];
  /** The loss over all samples where it was measured again on samples that the search did not see (see confirm.ts). */
  readonly confirmed?: { readonly dropPoints: number; readonly samples: number };
}

/** Measures a plan of some layers. Throws the signal's reason when cancelled. */
export type Measure = (layers: readonly LayerChoices[], plan: Plan) => Promise<SearchPoint>;

export interface StoppedBy {
  readonly code: 'goal' | 'evaluations' | 'smallest' | 'unreachable' | 'cancelled';
  readonly text: string;
}

interface MeasureJob {
  readonly model: Model;
  readonly goal: SearchGoal;
  readonly seed: number;
  readonly context: Context;
}

/** A measure on one slice. It borrows the executor, whose weights it exchanges. */
export function createMeasure(
  { model, goal, seed, context }: MeasureJob,
  executor: Executor,
  slice: Slice,
  originalGzip: number,
  onPoint: (point: SearchPoint) => void,
): Measure {
  const cache = createRecipeCache();
  const quiet = { ...context, report: () => {} };
  let count = 0;
  return async (layers, plan) => {
    await checkpoint(context);
    const settings = layers.map(({ layer }, index) => [layer, plan[index]?.setting ?? { sparsity: 0, grid: null }] as const);
    const recipe = recipeOf(model, new Map(settings), seed);
    const applied = await applyRecipe(model, recipe, quiet, cache);
    const sizes = await fileFigures(applied.model, weighingFormat(applied.model), 'encoded', quiet);
    exchange(executor, applied.model);
    const outputs = await outputsOn(executor, slice, context);
    const score = scoreOf(slice, outputs);
    const [gzip = 0, file = 0] = [sizes['size/gzip']?.value, sizes['size/file']?.value];
    const meets = goal.kind === 'accuracy' ? score.dropPoints <= goal.maxDropPoints : gzip <= goal.maxBytes;
    const point: SearchPoint = {
      id: ++count,
      recipe,
      score,
      dropPoints: score.dropPoints,
      loss: Math.min(lossOf(slice, outputs), Number.MAX_VALUE),
      gzip,
      file,
      share: gzip / originalGzip,
      meets,
      layers: settings.map(([layer, setting]) => ({ layer, setting })),
    };
    onPoint(point);
    return point;
  };
}
