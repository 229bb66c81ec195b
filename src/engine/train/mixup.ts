/**
 * Mixup (Zhang et al. 2018): every sample of a batch becomes λ x + (1 − λ) x′ with another of the batch, and its target λ t + (1 − λ) t′.
 * Teachers answer the mixtures themselves, which tells a student far more than few samples alone do (Beyer et al. 2022). λ is uniform,
 * Beta(1, 1), and at least one half, so that the sample stays the greater part of its mixture.
 */
import type { Rng } from '../math/rng.ts';

/** Rows mixed in place with those of their partners. */
export type Mixer = (rows: Float32Array) => void;

/** Draws partners and shares for `count` samples; what it gives mixes anything that has a row for each. */
export function drawMixture(count: number, rng: Rng): Mixer {
  const partners = Uint32Array.from({ length: count }, () => rng.integer(count));
  const shares = Float32Array.from({ length: count }, () => 1 - rng.next() / 2);
  return (rows) => {
    const width = rows.length / count;
    const pure = rows.slice();
    for (let row = 0; row < count; row++) {
      const share = shares[row] as number;
      const other = (partners[row] as number) * width;
      for (let i = 0; i < width; i++) {
        const at = row * width + i;
        rows[at] = share * (pure[at] as number) + (1 - share) * (pure[other + i] as number);
      }
    }
  };
}
