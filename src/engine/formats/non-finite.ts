/** Weights that are no numbers, found and refused or noted, whatever the format. */
import type { ReadOptions } from '../format.ts';
import type { Weight, WeightId } from '../model/model.ts';
import { problems } from './problems.ts';
import type { Notes } from './repairs.ts';

/** Throws MODEL_NON_FINITE, naming the layers, unless the options allow it; then it is noted. */
export function reportNonFinite(weights: ReadonlyMap<WeightId, Weight>, options: ReadOptions, notes: Notes): void {
  const layers = new Set<string>();
  for (const [id, { values }] of weights)
    if (!allFinite(values)) layers.add(id.includes('/') ? id.slice(0, id.lastIndexOf('/')) : id);
  if (layers.size === 0) return;
  if (options.allowNonFinite !== true) throw problems.nonFinite([...layers]);
  for (const layer of layers) notes.add('MODEL_NON_FINITE', layer);
}

/**
 * 0 · x is NaN exactly where x is NaN or infinite, and NaN stays NaN in the sum: no branch per weight. Four sums, because each addition
 * waits for the one before it.
 */
function allFinite(values: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += 0 * (values[i] as number);
    b += 0 * (values[i + 1] as number);
    c += 0 * (values[i + 2] as number);
    d += 0 * (values[i + 3] as number);
  }
  for (let i = whole; i < values.length; i++) a += 0 * (values[i] as number);
  return a + b + c + d === 0;
}
