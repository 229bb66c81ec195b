/**
 * Inputs for a model without data: seeded, uniform in [0, 1) for pictures, numbers of rows for tables and standard normal for anything else. They show
 * whether two models agree, never how good either is; whoever reports on them marks the figures synthetic.
 */
import { createRng } from '../math/rng.ts';
import { elementCount } from '../model/model.ts';
import { pictureShape } from './fit.ts';

/** One array per input shape, row-major [count, ...shape]; `rowCounts` says how many rows an input chooses from. Sample i is the same whatever batch it comes in. */
export function syntheticInputs(
  shapes: readonly (readonly number[])[],
  start: number,
  count: number,
  seed: number,
  rowCounts: readonly (number | null)[] = [],
): Float32Array[] {
  return shapes.map((shape, input) => {
    const elements = elementCount(shape);
    const values = new Float32Array(count * elements);
    const rows = rowCounts[input] ?? null;
    const uniform = pictureShape(shape) !== null;
    for (let sample = 0; sample < count; sample++) {
      const rng = createRng(seed + (start + sample) * shapes.length + input);
      const draw = rows === null ? () => (uniform ? rng.next() : rng.normal()) : () => rng.integer(rows);
      for (let index = 0; index < elements; index++) values[sample * elements + index] = draw();
    }
    return values;
  });
}
