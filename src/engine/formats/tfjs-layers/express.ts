/**
 * A model in the words of a TF.js layers-model: one scale per tensor, Keras 2 layers that stock TF.js knows. Channel scales move
 * into normalizations (exact); what is left over is snapped to one grid per tensor, and each change of values is a Loss with its cost.
 */
import type { Loss } from '../../format.ts';
import { withActivations } from '../../model/activation-grid.ts';
import type { Model, Weight, WeightId } from '../../model/model.ts';
import { moveChannelScales } from './channel-scales.ts';
import { lossOf, onOneGrid } from './one-grid.ts';
import { splitSeparable } from './split-separable.ts';

export interface Expressed {
  /** Runs like the file: same layers, same weights. */
  readonly model: Model;
  readonly losses: readonly Loss[];
}

const activationLoss: Loss = {
  layer: '',
  code: 'float-activations',
  text: 'TF.js computes with float32 activations: their grids are left out, so that the file answers as the model did before they were calibrated.',
};

/** The model as it will stand in the file, and what was lost on the way. */
export function expressed(quantized: Model): Expressed {
  const model = withActivations(quantized, new Map());
  const moved = moveChannelScales(splitSeparable(model));
  const used = new Set(moved.nodes.flatMap((node) => Object.values(node.weights)));
  const weights = new Map<WeightId, Weight>();
  const losses: Loss[] = quantized.activations === undefined ? [] : [activationLoss];
  for (const [id, weight] of moved.weights) {
    if (!used.has(id)) continue;
    const snapped = onOneGrid(weight);
    weights.set(id, snapped?.weight ?? weight);
    const owner = model.nodes.find((node) => Object.values(node.weights).includes(id));
    if (snapped && owner) losses.push(...lossOf(weight, snapped, owner));
  }
  return { model: { ...moved, weights }, losses };
}
