/** Parameters of a model: all, and those that are not zero; shared tensors counted once, under the first layer that uses them. */
import type { Model } from '../model/model.ts';
import { slotsOf } from '../slots.ts';

export interface ParameterCount {
  readonly all: number;
  readonly nonZero: number;
}

function nonZeroOf(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}

/** Parameters of each layer that has any, by name. */
export function layerParameters(model: Model): ReadonlyMap<string, ParameterCount> {
  const layers = new Map<string, ParameterCount>();
  for (const { node, weight } of slotsOf(model)) {
    const { all, nonZero } = layers.get(node.name) ?? { all: 0, nonZero: 0 };
    layers.set(node.name, { all: all + weight.values.length, nonZero: nonZero + nonZeroOf(weight.values) });
  }
  return layers;
}

/** Parameters of the whole model. */
export function modelParameters(model: Model): ParameterCount {
  let [all, nonZero] = [0, 0];
  for (const layer of layerParameters(model).values()) {
    all += layer.all;
    nonZero += layer.nonZero;
  }
  return { all, nonZero };
}
