/**
 * A model in the words of a TF.js layers-model: one scale per tensor, Keras 2 layers that stock TF.js knows. Channel scales move
 * into normalizations (exact); what is left over is snapped to one grid per tensor, and each change of values is a Loss with its cost.
 */
import type { Loss } from '../../format.ts';
import { withActivations } from '../../model/activation-grid.ts';
import type { Model, Node, Weight, WeightId } from '../../model/model.ts';
import { moveChannelScales } from './channel-scales.ts';
import { type Snapped, snapChannels, snapPalette } from './snap.ts';
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

function onOneGrid(weight: Weight): Snapped | undefined {
  const { encoding } = weight;
  if (encoding.kind === 'codebook') return snapPalette(weight, encoding);
  if (encoding.kind === 'affine' && encoding.axis !== null) return snapChannels(weight, encoding.axis);
  return undefined;
}

function lossOf(before: Weight, { weight, relativeError }: Snapped, node: Node): Loss[] {
  const layer = node.name;
  const sharers = before.encoding.kind === 'affine' && before.encoding.group !== undefined ? 'group' : 'channel';
  if (weight.encoding.kind !== 'affine') {
    const text = `The grid per ${sharers} of this ${node.op} can not be said in a TF.js manifest; its weights are written as float32, four bytes each.`;
    return [{ layer, code: 'written-as-float32', text }];
  }
  const cost = `moves its weights by ${(relativeError * 100).toPrecision(2)} % (relative RMS)`;
  const grid = `one ${weight.encoding.bits}-bit grid per tensor`;
  if (before.encoding.kind === 'codebook') {
    if (relativeError === 0) return [];
    return [
      {
        layer,
        code: 'palette-snapped',
        text: `TF.js has no palettes: the palette is snapped to ${grid}, which ${cost}.`,
        relativeError,
      },
    ];
  }
  const text = `TF.js has one scale per tensor: the grid per ${sharers} is written as ${grid}, which ${cost}.`;
  return [{ layer, code: 'grid-merged', text, relativeError }];
}
