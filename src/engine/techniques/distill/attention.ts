/**
 * Attention transfer (Zagoruyko & Komodakis 2017): layers of the compressed model learn to be active where the original's layers are,
 *
 *   loss = β · Σ ½ ‖Q(s) / ‖Q(s)‖ − Q(t) / ‖Q(t)‖‖² + α · T² · KL + (1 − α) · cross entropy,   Q(a) = Σ_c a_c² at each place
 *
 * over pairs of layers with maps of the same size; how many channels they have does not matter. The last two terms are those of
 * distill/logits; without labels α is 1. The authors' β = 1000 for the mean over the places is about 2000 / places here: 8 at 16×16.
 */
import * as v from 'valibot';
import { defineTechnique } from '../../technique.ts';
import { type MatchingParams, matchingEntries } from './matching-params.ts';

export const distillAttention = defineTechnique<MatchingParams>({
  id: 'distill/attention',
  title: 'Attention transfer',
  summary: 'Trains layers of the compressed model to be active where the layers of the original are, and to answer alike.',
  params: v.strictObject(matchingEntries({ beta: 10, most: 1000, step: 1 })),
  phase: 'train',
  trains: true,
  supports: () => true,
  estimate: (sketch) => sketch,
  async apply(model, targets, context, { beta, pairs, ...own }) {
    const { distill } = await import('./distill-apply.ts');
    return distill(this.id, model, targets, context, own, { kind: 'attention', beta, pairs });
  },
});
