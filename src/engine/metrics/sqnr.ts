/**
 * Signal to quantization noise of a layer's kernels, 10 · log10(Σw² / Σ(w − ŵ)²) in dB. The reference is the model just before its
 * weights were pruned or quantized (after folding, which rescales kernels without loss). Absent where nothing changed or all weights are zero.
 */
import type { Model } from '../model/model.ts';
import { slotsOf } from '../slots.ts';

/** dB per layer whose kernels changed, by layer name. */
export function layerSqnr(reference: Model, result: Model): ReadonlyMap<string, number> {
  const sums = new Map<string, { signal: number; noise: number }>();
  for (const { id, node, slot, weight } of slotsOf(result)) {
    const before = reference.weights.get(id);
    if (slot.kind !== 'kernel' || before === undefined || before.values.length !== weight.values.length) continue;
    const sum = sums.get(node.name) ?? { signal: 0, noise: 0 };
    for (let i = 0; i < weight.values.length; i++) {
      const value = before.values[i] as number;
      sum.signal += value * value;
      sum.noise += (value - (weight.values[i] as number)) ** 2;
    }
    sums.set(node.name, sum);
  }
  return new Map(
    [...sums]
      .filter(([, { signal, noise }]) => noise > 0 && signal > 0)
      .map(([name, { signal, noise }]) => [name, 10 * Math.log10(signal / noise)]),
  );
}
