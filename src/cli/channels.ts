/** The step that removes channels, settled by measurement before the recipe runs. */
import {
  type Context,
  type Recipe,
  type SharedData,
  type StepNote,
  shareOutChannels,
  speedUpByChannels,
} from '../engine/index.ts';
import type { Command } from './arguments.ts';
import type { Subject } from './subject.ts';
import { percent } from './text.ts';

type Target = Extract<Command, { command: 'compress' }>['channelTarget'];

/** The recipe with what was found, and how it was found. Throws CHANNELS_STEP, CHANNELS_SPEED. */
export async function settleChannels(
  recipe: Recipe,
  target: Target,
  { model, dataset, preprocessing }: Subject,
  training: SharedData['training'],
  context: Context,
): Promise<{ readonly recipe: Recipe; readonly notes: readonly StepNote[] }> {
  if (target === undefined) return { recipe, notes: [] };
  const job = { model, recipe, dataset, preprocessing, context };
  if ('faster' in target) {
    const { recipe: settled, point } = await speedUpByChannels({ ...job, wanted: target.faster });
    const text = `prune/channels: a ratio of ${point.ratio} is ${point.faster.toFixed(2)} times as fast here, median of ${point.pairs} pairs of runs.`;
    return { recipe: settled, notes: [{ layer: '', code: 'channels-by-clock', text }] };
  }
  const {
    recipe: settled,
    allocation,
    samples,
    synthetic,
  } = await shareOutChannels({ ...job, ...(training ? { training } : {}) }, target.saving);
  const on = synthetic ? `${samples} synthetic inputs` : `${samples} of the samples`;
  const missed = allocation.reached ? '' : `, where ${percent(target.saving)} were asked for: no more is to be had`;
  const text = `prune/channels: shares follow what each group alone loses on ${on}; they save ${percent(allocation.saved)} of the work${missed}.`;
  return { recipe: settled, notes: [{ layer: '', code: 'channels-shared-out', text }] };
}
