/**
 * Distillation of features (FitNets, Romero et al. 2015): layers of the compressed model learn to give what the original's layers give,
 *
 *   loss = β · Σ mean (r(s) − t)² + α · T² · KL + (1 − α) · cross entropy with the labels
 *
 * over pairs of layers, the last two terms as in distill/logits. Where the widths differ, r is a 1×1 convolution that is trained along and
 * dropped in the end. Without labels α is 1.
 */
import * as v from 'valibot';
import { defineTechnique } from '../../technique.ts';
import { type MatchingParams, matchingEntries } from './matching-params.ts';

export const distillFeatures = defineTechnique<MatchingParams>({
  id: 'distill/features',
  title: 'Learning the features of the original',
  summary: 'Trains layers of the compressed model to give what the layers of the original give, and to answer alike.',
  params: v.strictObject(matchingEntries({ beta: 1, most: 100, step: 0.1 })),
  phase: 'train',
  trains: true,
  supports: () => true,
  estimate: (sketch) => sketch,
  async apply(model, targets, context, { beta, pairs, ...own }) {
    const { distill } = await import('./distill-apply.ts');
    return distill(this.id, model, targets, context, own, { kind: 'features', beta, pairs });
  },
});
