/**
 * Quantization-aware training: while it trains, the network sees its kernels on the grid that they will be stored on. Gradients pass
 * straight through the rounding; the steps of the grid are learned with the weights (LSQ, Esser et al. 2020) or laid anew before
 * each epoch (`ste`). Grids are those of quantize/affine: two symmetric narrow bits are ternary weights, one symmetric bit is ±s.
 * Everything that is not quantized trains along.
 */
import { defineTechnique } from '../../technique.ts';
import { quantizeAffine } from './affine.ts';
import { type AwareParams, affineTargets, awareParams, gridParams } from './aware-params.ts';

export const quantizeAware = defineTechnique<AwareParams>({
  id: 'quantize/aware',
  title: 'Quantization-aware training',
  summary: 'Trains the model with its weights on 1–8 bit grids, so that few bits cost little accuracy.',
  params: awareParams,
  phase: 'grid',
  trains: true,
  supports: (slot) => slot.kind === 'kernel',
  estimate(sketch, own, all) {
    const layers = all.map((entry) => entry.sketch.layer);
    return quantizeAffine.estimate(sketch, gridParams(own, sketch.layer, layers), []);
  },
  async preview(model, targets, context) {
    const affine = affineTargets(targets);
    const [first] = affine;
    return first === undefined ? { model, notes: [] } : quantizeAffine.apply(model, affine, context, first.params, new Map());
  },
  async apply(model, targets, context, own) {
    const { quantizeWhileTraining } = await import('./aware-apply.ts');
    return quantizeWhileTraining(this.id, model, targets, context, own);
  },
});
