/**
 * Magnitude pruning (Han et al. 2015): the weights of least |w| become zero and stay zero. Ranked over all targets together as they
 * are or relative to their tensor (lamp.ts), or in each tensor alone; ties go by order. With an N:M pattern the N largest of every M neighbours along the input axis stay (Mishra et
 * al. 2021), whatever the sparsity: the input axis is the last one that does not count output channels; a rest shorter than M stays whole.
 */
import * as v from 'valibot';
import { choiceParam, numberParam } from '../../params.ts';
import { defineTechnique, type Target } from '../../technique.ts';
import { mapTargets, noteOn, requireFinite } from '../walk.ts';
import { masked } from './masking.ts';
import { maskBelow, maskOfPattern, type PoolThreshold, patternLayout, patterns, thresholdsOf } from './ranking.ts';
import { pruneSketch, shareOf } from './sketch.ts';

const params = v.strictObject({
  sparsity: numberParam({ title: 'Sparsity', fallback: 0.5, min: 0, max: 0.99, step: 0.01 }),
  ranking: choiceParam({ title: 'Ranked', fallback: 'global', options: ['global', 'adaptive', 'layer'] }),
  pattern: choiceParam({ title: 'Pattern', fallback: 'unstructured', options: patterns }),
});

type MagnitudeParams = v.InferOutput<typeof params>;

function maskOf(target: Target<MagnitudeParams>, threshold: PoolThreshold | undefined): Uint8Array | undefined {
  if (threshold !== undefined) return maskBelow(target, threshold);
  const { pattern } = target.params;
  if (pattern === 'unstructured') return undefined;
  return patternLayout(target.slot, pattern).whole === 0 ? undefined : maskOfPattern(target, pattern);
}

export const pruneMagnitude = defineTechnique<MagnitudeParams>({
  id: 'prune/magnitude',
  title: 'Magnitude pruning',
  summary: 'Sets the smallest weights to zero; later steps keep them zero.',
  params,
  phase: 'sparsity',
  supports: (slot) => slot.kind === 'kernel',
  estimate(sketch, params, all) {
    if (params.pattern !== 'unstructured') {
      const { share } = patternLayout(sketch.slot, params.pattern);
      return share === 0 ? sketch : pruneSketch(sketch, share);
    }
    return pruneSketch(sketch, shareOf(sketch, params, all));
  },
  apply(model, targets, context) {
    for (const target of targets) requireFinite(target);
    const thresholds = thresholdsOf(targets);
    return mapTargets(this.id, model, targets, context, (target) => {
      const mask = maskOf(target, thresholds.get(target));
      if (mask === undefined) {
        const shape = target.slot.shape.join('×');
        const text = `It was not pruned: the input axis of ${shape} is shorter than a block of ${target.params.pattern}.`;
        return { notes: [noteOn(target, 'no-full-block', text)] };
      }
      const weight = masked(target.weight, mask);
      if (weight !== undefined) return { weight };
      const text = 'It was not pruned: it is stored as codes without a level for zero. Prune the model before it is quantized.';
      return { notes: [noteOn(target, 'no-zero-level', text)] };
    });
  },
});
