/**
 * Mean and population deviation of samples, per channel or feature, in one pass (Welford 1962). Shapes [height, width, channels]
 * and [time, features] are pooled over all but the last axis; a flat row has one figure per feature.
 */
import { elementCount } from '../model/model.ts';

export interface Statistics {
  readonly mean: Float32Array;
  /** Population standard deviation; 1 where a channel is constant, so that standardizing leaves it at zero (as scikit-learn does). */
  readonly deviation: Float32Array;
}

interface Samples {
  readonly size: number;
  batch(start: number, count: number, shape: readonly number[]): Promise<Float32Array>;
}

/** Gathers values whose channels alternate, as the last axis of a row-major array does. */
export function createMoments(channels: number): { add(values: ArrayLike<number>): void; result(): Statistics } {
  const counts = new Float64Array(channels);
  const mean = new Float64Array(channels);
  const squares = new Float64Array(channels);
  return {
    add(values) {
      for (let index = 0; index < values.length; index++) {
        const channel = index % channels;
        const value = values[index] ?? 0;
        const count = (counts[channel] ?? 0) + 1;
        const before = mean[channel] ?? 0;
        const delta = value - before;
        counts[channel] = count;
        mean[channel] = before + delta / count;
        squares[channel] = (squares[channel] ?? 0) + delta * (value - before - delta / count);
      }
    },
    result() {
      const deviation = squares.map((sum, channel) => Math.sqrt(sum / Math.max(1, counts[channel] ?? 1)) || 1);
      return { mean: Float32Array.from(mean), deviation: Float32Array.from(deviation) };
    },
  };
}

/** Statistics of all samples as they look in `shape`, read in batches. */
export async function measureStatistics(samples: Samples, shape: readonly number[]): Promise<Statistics> {
  const moments = createMoments(shape.at(-1) ?? 1);
  const perBatch = Math.max(1, Math.floor(2 ** 22 / Math.max(1, elementCount(shape))));
  for (let start = 0; start < samples.size; start += perBatch) {
    moments.add(await samples.batch(start, Math.min(perBatch, samples.size - start), shape));
  }
  return moments.result();
}
