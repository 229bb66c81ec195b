/** Random orders. */
import type { Rng } from './rng.ts';

/** 0 … size − 1 in random order (Fisher & Yates). */
export function shuffledIndices(size: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
