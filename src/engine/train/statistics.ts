/**
 * Statistics of batch normalization, estimated anew with the weights as they are: the mean over a few training batches of each batch's
 * mean and variance ("precise" batch normalization, Wu & Johnson 2021, §3). Moving averages would lag behind in a short training.
 */
import type { Node, WeightId } from '../model/model.ts';

export interface StatisticsSum {
  /** Adds what one batch had. */
  add(node: Node, mean: ArrayLike<number>, variance: ArrayLike<number>): void;
  /** Means over all that was added, by the tensors they belong to. */
  means(): Map<WeightId, Float32Array>;
}

export function createStatisticsSum(): StatisticsSum {
  const sums = new Map<WeightId, { readonly total: Float64Array; count: number }>();
  const addTo = (id: WeightId | undefined, values: ArrayLike<number>): void => {
    if (id === undefined) return;
    const sum = sums.get(id) ?? { total: new Float64Array(values.length), count: 0 };
    sums.set(id, sum);
    sum.count++;
    for (let i = 0; i < values.length; i++) sum.total[i] = (sum.total[i] as number) + (values[i] as number);
  };
  return {
    add(node, mean, variance) {
      addTo(node.weights.moving_mean, mean);
      addTo(node.weights.moving_variance, variance);
    },
    means: () => new Map([...sums].map(([id, { total, count }]) => [id, Float32Array.from(total, (sum) => sum / count)])),
  };
}
