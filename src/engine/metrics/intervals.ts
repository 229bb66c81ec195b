/**
 * 95 % intervals: Wilson's score interval for a proportion (Wilson 1927; recommended by Newcombe 1998, Stat. Med. 17:857) and the percentile
 * bootstrap (Efron 1979) for anything else, drawn from a seeded generator.
 */
import type { Rng } from '../math/rng.ts';

export type Interval = readonly [low: number, high: number];

/** The 97.5 % quantile of the standard normal distribution. */
export const z95 = 1.959963984540054;

/** Wilson's interval of `successes` out of `n`, as fractions; [0, 1] where n is 0. */
export function wilson(successes: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const p = successes / n;
  const square = z95 * z95;
  const centre = p + square / (2 * n);
  const half = z95 * Math.sqrt((p * (1 - p) + square / (4 * n)) / n);
  const scale = 1 + square / n;
  // At the ends the exact bounds are 0 and 1; rounding must not leave them.
  return [successes === 0 ? 0 : (centre - half) / scale, successes === n ? 1 : (centre + half) / scale];
}

/** Percentile bootstrap: `statistic` is given the drawn sample indices, `resamples` times. */
export function bootstrap(n: number, statistic: (indices: Uint32Array) => number, rng: Rng, resamples = 1000): Interval {
  const indices = new Uint32Array(n);
  const values = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    for (let index = 0; index < n; index++) indices[index] = rng.integer(n);
    values[round] = statistic(indices);
  }
  values.sort();
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan 1996); `sorted` is ascending and not empty. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = (sorted.length - 1) * share;
  const low = Math.floor(position);
  const below = sorted[low] ?? 0;
  return below + ((sorted[Math.min(low + 1, sorted.length - 1)] ?? below) - below) * (position - low);
}
