/** The parameters of quantization-aware training, and what they say to the grids of quantize/affine. */
import * as v from 'valibot';
import { choiceParam, integerParam, switchParam } from '../../params.ts';
import type { Target } from '../../technique.ts';
import { trainingEntries } from '../../train/settings.ts';
import type { AffineParams } from './affine.ts';

export const awareParams = v.strictObject({
  bits: integerParam({ title: 'Bits', fallback: 4, min: 1, max: 8, values: [1, 2, 3, 4, 5, 6, 7, 8], unit: 'bit' }),
  firstLastBits: integerParam({
    title: 'Bits of the first and last layer (0: the same)',
    fallback: 0,
    min: 0,
    max: 8,
    values: [0, 2, 3, 4, 5, 6, 7, 8],
    unit: 'bit',
  }),
  activations: integerParam({
    title: 'Bits of activations (0: as they are)',
    fallback: 0,
    min: 0,
    max: 8,
    values: [0, 8],
    unit: 'bit',
  }),
  activationRange: choiceParam({ title: 'Ranges of activations', fallback: 'ema', options: ['ema', 'learned'], more: true }),
  symmetric: switchParam({ title: 'Symmetric around zero', fallback: true, more: true }),
  per: choiceParam({ title: 'One scale per', fallback: 'channel', options: ['channel', 'tensor'], more: true }),
  narrow: switchParam({ title: 'Narrow range', fallback: true, more: true }),
  range: choiceParam({ title: 'First range', fallback: 'mse', options: ['mse', 'min-max', 'octav'], more: true }),
  method: choiceParam({ title: 'Steps of the grid', fallback: 'lsq', options: ['lsq', 'ste'], more: true }),
  distill: switchParam({ title: 'Learn from the original too', fallback: false }),
  ...trainingEntries({ epochs: 3, learningRate: 0.0005 }),
});

export type AwareParams = v.InferOutput<typeof awareParams>;

/** The grid of a layer as quantize/affine takes it; `layers` are the names of all quantized layers in order. */
export function gridParams(params: AwareParams, layer: string, layers: readonly string[]): AffineParams {
  const { bits, firstLastBits, symmetric, per, narrow, range } = params;
  const outermost = layer === layers[0] || layer === layers.at(-1);
  const own = outermost && firstLastBits > 0 ? firstLastBits : bits;
  return { bits: own, symmetric, per, group: 32, narrow, range, percentile: 100, vectors: false };
}

/** The same targets with the parameters of quantize/affine. */
export function affineTargets(targets: readonly Target<AwareParams>[]): Target<AffineParams>[] {
  const layers = targets.map(({ node }) => node.name);
  return targets.map((target) => ({ ...target, params: gridParams(target.params, target.node.name, layers) }));
}
