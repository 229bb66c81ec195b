/**
 * What the weights weigh: the bit-packed payload (codes end to end, scales and palettes as float32), and the order-0 entropy bound
 * under it. Each tensor is rounded up to whole bytes and counted once, under the first layer that uses it.
 */
import { entropyBits } from '../coding/entropy.ts';
import { payloadBits } from '../model/encoding.ts';
import type { Model, Weight } from '../model/model.ts';
import { slotsOf } from '../slots.ts';

export interface LayerSize {
  readonly layer: string;
  /** Bytes. */
  readonly payload: number;
  /** Bytes that an ideal order-0 code would take. */
  readonly entropy: number;
}

export interface ModelSize {
  readonly payload: number;
  readonly entropy: number;
  /** Layers that own tensors, in order. */
  readonly layers: readonly LayerSize[];
}

/** Bytes of one tensor's bit-packed payload. */
export function payloadBytes(weight: Weight): number {
  return Math.ceil(payloadBits(weight.encoding, weight.values.length) / 8);
}

const entropies = new WeakMap<Weight, number>();

function entropyBytes(weight: Weight): number {
  const known = entropies.get(weight);
  if (known !== undefined) return known;
  const bytes = Math.ceil(entropyBits(weight.encoding, weight.values) / 8);
  entropies.set(weight, bytes);
  return bytes;
}

/** Payload and entropy bound of a model and of each of its layers, bytes. */
export function measureSize(model: Model): ModelSize {
  const layers = new Map<string, { layer: string; payload: number; entropy: number }>();
  for (const { node, weight } of slotsOf(model)) {
    const layer = layers.get(node.name) ?? { layer: node.name, payload: 0, entropy: 0 };
    layer.payload += payloadBytes(weight);
    layer.entropy += entropyBytes(weight);
    layers.set(node.name, layer);
  }
  const all = [...layers.values()];
  return {
    payload: all.reduce((sum, { payload }) => sum + payload, 0),
    entropy: all.reduce((sum, { entropy }) => sum + entropy, 0),
    layers: all,
  };
}
