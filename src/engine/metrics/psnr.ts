/**
 * Peak signal to noise ratio of pictures, PSNR = 10 · log10(peak² / mean squared error) dB, over all samples together.
 * The peak is the span of the values a picture may have: 1 for 0–1, 2 for −1–1, 255 for 0–255.
 */
import type { Measured } from '../report.ts';

/** The span that values seem to be stored in, from the values themselves. */
export function peakOf(values: ArrayLike<number>): number {
  let [low, high] = [0, 0];
  for (let index = 0; index < values.length; index++) {
    low = Math.min(low, values[index] ?? 0);
    high = Math.max(high, values[index] ?? 0);
  }
  // A little overshoot is common where the last layer is linear.
  if (Math.max(-low, high) > 2) return 255;
  return low < -0.5 ? 2 : 1;
}

export interface PsnrCounter {
  /** Values of the same pictures, row-major. */
  add(reference: ArrayLike<number>, picture: ArrayLike<number>): void;
  /** Null where every value is equal (the ratio has no bound) or nothing was added. */
  figure(peak: number): Measured | null;
}

/** A running ratio; values that are not finite in either picture are left out. */
export function createPsnrCounter(): PsnrCounter {
  let [sum, n] = [0, 0];
  return {
    add(reference, picture) {
      for (let index = 0; index < reference.length; index++) {
        const square = ((reference[index] ?? NaN) - (picture[index] ?? NaN)) ** 2;
        if (!Number.isFinite(square)) continue;
        sum += square;
        n++;
      }
    },
    figure: (peak) => (sum === 0 ? null : { value: 10 * Math.log10(peak ** 2 / (sum / n)), unit: 'dB', n, how: 'measured' }),
  };
}
