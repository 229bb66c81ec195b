/**
 * Quantization-aware training: while it trains, the network sees its kernels on the grid that they will be stored on. Gradients pass
 * straight through the rounding; the steps of the grid are learned with the weights (LSQ, Esser et al. 2020) or laid anew before
 * each epoch (`ste`). Grids are those of quantize/affine: two symmetric narrow bits are ternary weights, one symmetric bit is ±s.
 * Everything that is not quantized trains along.
 *
 * Activations may be rounded too, where TFLite rounds them (model/activation-groups.ts). A normalization stays a layer of its own while
 * it trains, without a grid between it and its convolution: folded afterwards it multiplies the scale of each channel and no code. Where
 * fold/batch-norm stands in the recipe it has run before, and the folded kernel trains with the statistics it was folded with.
 */
import { defineTechnique } from '../../technique.ts';
import { quantizeAffine } from './affine.ts';
import { type AwareParams, affineTargets, awareParams, gridParams } from './aware-params.ts';
import { staticDefaults } from './static.ts';

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
  async preview(model, targets, context, own) {
    const affine = affineTargets(targets);
    const [first] = affine;
    if (first === undefined) return { model, notes: [] };
    const rounded = await quantizeAffine.apply(model, affine, context, first.params, new Map());
    if (own.activations === 0) return rounded;
    const { previewActivations } = await import('./static-apply.ts');
    const everywhere = new Map(model.nodes.map(({ name }) => [name, staticDefaults]));
    const { model: both } = await previewActivations(this.id, rounded.model, everywhere, context, staticDefaults);
    return { ...rounded, model: both };
  },
  async apply(model, targets, context, own) {
    const { quantizeWhileTraining } = await import('./aware-apply.ts');
    return quantizeWhileTraining(this.id, model, targets, context, own);
  },
});
