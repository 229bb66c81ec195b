/**
 * Gradual pruning while training (Zhu & Gupta 2017): the share of zeros grows from step `begin` to step `end` of the training,
 *
 *   s(t) = s + (s₀ − s)(1 − (t − begin) / (end − begin))³     polynomial;   s at once from `begin` on: constant
 *
 * and the rest of the training repairs what the last zeros cost. At each update the smallest weights are set to zero, ranked as in
 * prune/magnitude; what is zero stays zero. Everything else trains along.
 */
import { defineTechnique, type WeightSketch } from '../../technique.ts';
import { type GradualParams, gradualParams, magnitudeParams, magnitudeTargets } from './gradual-params.ts';
import { pruneMagnitude } from './magnitude.ts';

type Entries<P> = readonly { readonly sketch: WeightSketch; readonly params: P }[];
const entries = new WeakMap<Entries<GradualParams>, Entries<ReturnType<typeof magnitudeParams>>>();

/** All of a step's sketches as prune/magnitude takes them, the same array every time: it keeps thresholds by it. */
function entriesOf(all: Entries<GradualParams>) {
  const known = entries.get(all) ?? all.map(({ sketch, params: own }) => ({ sketch, params: magnitudeParams(own) }));
  entries.set(all, known);
  return known;
}

export const pruneGradual = defineTechnique<GradualParams>({
  id: 'prune/gradual',
  title: 'Gradual pruning',
  summary: 'Sets more and more of the smallest weights to zero while it trains, so that the others make up for them.',
  params: gradualParams,
  phase: 'sparsity',
  trains: true,
  supports: (slot) => slot.kind === 'kernel',
  estimate: (sketch, own, all) => pruneMagnitude.estimate(sketch, magnitudeParams(own), entriesOf(all)),
  preview(model, targets, context) {
    const plain = { sparsity: 0, ranking: 'global', pattern: 'unstructured' } as const;
    return pruneMagnitude.apply(model, magnitudeTargets(targets), context, plain, new Map());
  },
  async apply(model, targets, context, own) {
    const { pruneWhileTraining } = await import('./gradual-apply.ts');
    return pruneWhileTraining(this.id, model, targets, context, own);
  },
});
