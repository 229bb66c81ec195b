/**
 * What training made, carried over a reload: results of steps that trained lie in the model's recipe cache under a key that names the
 * data learned from by its handle. They leave with a mark in place of that name, and come back under the name that the data has then.
 */
import type { RecipeCache } from '../engine/index.ts';
import type { TrainingCurve } from '../engine/technique.ts';
import type { TrainedStep } from './api.ts';

const taught = /^\d+ taught by /;
/** No name of data holds it. */
const mark = '\u0000';

/**
 * The results behind these curves, of steps that learned from the data of this name. One that was ended early is not in the cache; what a
 * second model taught is named by its number in this visit, which would mean another one in the next, and is left out.
 */
export function trainedSteps(cache: RecipeCache, data: string, curves: readonly TrainingCurve[]): readonly TrainedStep[] {
  const name = ` on ${data}`;
  return [...cache]
    .filter(
      ([key, { training }]) => training !== undefined && curves.includes(training) && key.includes(name) && !taught.test(key),
    )
    .map(([key, result]) => ({ key: key.replaceAll(name, mark), result }));
}

/** Puts results back, as if they had just been trained on the data of this name. */
export function adoptSteps(cache: RecipeCache, data: string, steps: readonly TrainedStep[]): void {
  for (const { key, result } of steps) cache.set(key.replaceAll(mark, ` on ${data}`), result);
}

/** Bytes of all arrays of some results, each array counted once. */
export function bytesOfSteps(steps: readonly TrainedStep[]): number {
  const seen = new Set<object>();
  let bytes = 0;
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    else for (const inner of value instanceof Map ? value.values() : Object.values(value)) walk(inner);
  };
  walk(steps);
  return bytes;
}
