/** What a TF.js manifest makes of one tensor: palettes and grids of several scales on one grid, and the loss to tell. */
import type { Loss } from '../../format.ts';
import type { Node, Weight } from '../../model/model.ts';
import { type Snapped, snapChannels, snapPalette } from './snap.ts';

/** The weight as one grid can say it; undefined where it stays as it is. */
export function onOneGrid(weight: Weight): Snapped | undefined {
  const { encoding } = weight;
  if (encoding.kind === 'codebook') return snapPalette(weight, encoding);
  if (encoding.kind === 'affine' && encoding.axis !== null) return snapChannels(weight, encoding.axis);
  return undefined;
}

/** What is lost by it. */
export function lossOf(before: Weight, { weight, relativeError }: Snapped, node: Node): Loss[] {
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
