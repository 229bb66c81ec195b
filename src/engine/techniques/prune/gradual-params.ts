/** The parameters of gradual pruning, and what they say to the ranking of prune/magnitude. */
import * as v from 'valibot';
import { choiceParam, integerParam, numberParam, switchParam } from '../../params.ts';
import type { Target } from '../../technique.ts';
import { trainingEntries } from '../../train/settings.ts';
import { patterns, type RankingParams } from './ranking.ts';

export const gradualParams = v.strictObject({
  sparsity: numberParam({ title: 'Sparsity', fallback: 0.8, min: 0, max: 0.99, step: 0.01 }),
  ranking: choiceParam({ title: 'Ranked', fallback: 'global', options: ['global', 'adaptive', 'layer'] }),
  pattern: choiceParam({ title: 'Pattern', fallback: 'unstructured', options: patterns }),
  ramp: choiceParam({ title: 'Growth of the sparsity', fallback: 'polynomial', options: ['polynomial', 'constant'], more: true }),
  begin: numberParam({ title: 'Begins at share of training', fallback: 0, min: 0, max: 0.9, step: 0.05, more: true }),
  end: numberParam({ title: 'Ends at share of training', fallback: 0.5, min: 0, max: 0.95, step: 0.05, more: true }),
  frequency: integerParam({ title: 'Steps between updates', fallback: 20, min: 1, max: 1000, more: true }),
  rewind: switchParam({ title: 'Rewind to the weights before', fallback: false, more: true }),
  ...trainingEntries({ epochs: 4, learningRate: 0.0005 }),
});

export type GradualParams = v.InferOutput<typeof gradualParams>;

/** The share of its sparsity that a tensor has after a share of the training. */
export function rampAt({ ramp, begin, end }: Pick<GradualParams, 'ramp' | 'begin' | 'end'>, done: number): number {
  if (done < begin) return 0;
  if (ramp === 'constant' || done >= end) return 1;
  return 1 - (1 - (done - begin) / (end - begin)) ** 3;
}

/** The same as prune/magnitude takes it. */
export const magnitudeParams = ({ sparsity, ranking, pattern }: GradualParams): RankingParams => ({ sparsity, ranking, pattern });

/** The same targets with the parameters of prune/magnitude. */
export function magnitudeTargets(targets: readonly Target<GradualParams>[]) {
  return targets.map((target) => ({ ...target, params: magnitudeParams(target.params) }));
}
