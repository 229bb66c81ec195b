/**
 * Gradient clipping by the norm of all gradients together (Pascanu et al. 2013). Squares are summed in double precision by blocks, numbers at
 * even and at odd places apart, so that a kernel that does two at once and shares blocks out gives the same bits.
 */
import { inPlace } from '../runtime/in-place.ts';

const block = 8192;

/** Scales all gradients down to a norm together, in place; 0 leaves them. Returns their norm before. */
export function clip(gradients: readonly Float32Array[], limit: number): number {
  const norm = Math.sqrt(inPlace()?.sumOfSquares(gradients) ?? sumOfSquares(gradients));
  if (limit === 0 || !(norm > limit)) return norm;
  const factor = limit / norm;
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) * factor;
  return norm;
}

/** The sum of the squares of all numbers of all arrays. */
export function sumOfSquares(arrays: readonly Float32Array[]): number {
  let total = 0;
  for (const array of arrays) {
    for (let from = 0; from < array.length; from += block) {
      const to = Math.min(array.length, from + block);
      let [even, odd] = [0, 0];
      for (let i = from; i + 1 < to; i += 2) {
        even += (array[i] as number) * (array[i] as number);
        odd += (array[i + 1] as number) * (array[i + 1] as number);
      }
      if ((to - from) % 2 === 1) even += (array[to - 1] as number) * (array[to - 1] as number);
      total += even + odd;
    }
  }
  return total;
}
