/** What of a model is trained: the tensors that gradients change, each under its constraint, and the normalizations that follow them. */
import type { Node, WeightId } from '../model/model.ts';
import type { StoredTensor } from '../slots.ts';
import { constrained } from './constraints.ts';
import type { TrainableWeight } from './weight.ts';

export interface Trainable {
  readonly trained: Map<WeightId, TrainableWeight>;
  readonly normalizesBatch: (node: Node) => boolean;
}

/** Trains some stored tensors. A normalization both of whose statistics are among them, as plain numbers, takes its batches' own. */
export function trainableTensors(tensors: readonly Pick<StoredTensor, 'id' | 'slot' | 'weight'>[]): Trainable {
  const isStatistic = (role: string) => role === 'moving_mean' || role === 'moving_variance';
  const trained = tensors.filter(({ slot }) => !isStatistic(slot.role));
  const statistics = new Set(
    tensors.filter(({ slot, weight }) => isStatistic(slot.role) && weight.encoding.kind === 'float32').map(({ id }) => id),
  );
  return {
    trained: new Map(trained.map(({ id, slot, weight }) => [id, constrained(weight, slot)])),
    normalizesBatch: ({ weights }) => statistics.has(weights.moving_mean ?? '') && statistics.has(weights.moving_variance ?? ''),
  };
}
