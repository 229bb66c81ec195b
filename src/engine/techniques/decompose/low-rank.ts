/**
 * Low-rank decomposition: a kernel's matrix is close to a product of two thin ones, so that one layer becomes two with less work between
 * them (Denil et al. 2013; Jaderberg et al. 2014). Layers that would not get smaller stay as they are.
 */
import { defineTechnique } from '../../technique.ts';
import { type LowRankParams, lowRankParams } from './low-rank-params.ts';

export const decomposeLowRank = defineTechnique<LowRankParams>({
  id: 'decompose/low-rank',
  title: 'Low-rank decomposition',
  summary: 'Replaces a layer by two thinner ones whose product is nearly the same.',
  params: lowRankParams,
  phase: 'structure',
  supports: (slot, { op }) => slot.kind === 'kernel' && (op === 'Dense' || op === 'Conv2D'),
  estimate: (sketch) => sketch,
  restructure: (model, targets, _params, work) => work.decompose(model, targets),
  async apply(model, targets, context) {
    const { decomposeKernels } = await import('./low-rank-apply.ts');
    return decomposeKernels(this.id, model, targets, context);
  },
});
