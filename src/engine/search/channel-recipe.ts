/**
 * Recipes whose step of channel pruning is settled by measurement: shares of single groups from the table of what each loses alone, or
 * one ratio by the clock. What comes out are numbers in the recipe, so that it is the same recipe on every machine.
 */
import { splitDataset } from '../data/split.ts';
import { StudioError } from '../errors.ts';
import type { Recipe, Step } from '../recipe.ts';
import { type Allocation, allocateChannels, type MeasuredGroup } from './allocate-channels.ts';
import { findChannelSpeed, type SpeedJob, type SpeedPoint } from './channel-speed.ts';
import { type ChannelCell, type ChannelTableJob, prepareChannelTable } from './channel-table.ts';
import { withAllocation } from './group-shares.ts';
import { channelShares } from './shares.ts';

export interface SharedOut {
  readonly recipe: Recipe;
  readonly allocation: Allocation;
  /** Samples that the table rests on. */
  readonly samples: number;
  readonly synthetic: boolean;
}

/**
 * Measures what every group loses alone, on the exploring part of the data, and shares a saving of multiply-accumulates (0–1) out by it.
 * Throws CHANNELS_STEP, RECIPE_*, DATA_*, or the signal's reason.
 */
export async function shareOutChannels(job: ChannelTableJob, saving: number): Promise<SharedOut> {
  const { model, recipe, context, dataset } = job;
  const at = channelStepIn(recipe);
  const table = await prepareChannelTable({ ...job, dataset: dataset && splitDataset(dataset).explore });
  if (table === null) throw noStep();
  const measured: MeasuredGroup[] = [];
  for (const [group, { makers }] of table.groups.entries()) {
    const cells: ChannelCell[] = [];
    for (const share of channelShares) {
      context.report({
        stage: 'channels',
        done: group * channelShares.length + cells.length,
        total: table.groups.length * channelShares.length,
      });
      cells.push(await table.measure(group, share, context));
    }
    measured.push({ makers, cells });
  }
  const allocation = allocateChannels(model, recipe, measured, saving);
  if (allocation === null) throw noStep();
  const { samples, synthetic } = table;
  return { recipe: replaced(recipe, at, (step) => withAllocation(step, allocation)), allocation, samples, synthetic };
}

/**
 * Looks for the ratio that is measured to make the model `wanted` times as fast on this device. Throws CHANNELS_STEP, CHANNELS_SPEED where
 * none does, RECIPE_*, DATA_SHAPE, or the signal's reason.
 */
export async function speedUpByChannels(
  job: Omit<SpeedJob, 'step'>,
): Promise<{ readonly recipe: Recipe; readonly point: SpeedPoint }> {
  const at = channelStepIn(job.recipe);
  const { best, points } = await findChannelSpeed({ ...job, step: at });
  if (best !== null) return { recipe: replaced(job.recipe, at, (step) => ({ ...step, ratio: best.ratio })), point: best };
  const fastest = points.reduce((most, { faster }) => Math.max(most, faster), 0);
  throw new StudioError({
    code: 'CHANNELS_SPEED',
    title: `Removing channels does not make this model ${job.wanted} times as fast here.`,
    detail: `The fastest that was measured is ${fastest.toFixed(2)} times as fast.`,
    hint: 'Ask for less, or keep fewer layers out of the step.',
    context: { wanted: job.wanted, fastest },
  });
}

function channelStepIn({ steps }: Recipe): number {
  const at = steps.findIndex(({ use }) => use === 'prune/channels');
  if (at < 0) throw noStep();
  return at;
}

const replaced = (recipe: Recipe, at: number, edit: (step: Step) => Step): Recipe => ({
  ...recipe,
  steps: recipe.steps.map((step, i) => (i === at ? edit(step) : step)),
});

const noStep = (): StudioError =>
  new StudioError({
    code: 'CHANNELS_STEP',
    title: 'This recipe removes no channels.',
    detail: 'What groups of channels lose, or how fast a model is without them, settles a step "prune/channels".',
    hint: 'Add { "use": "prune/channels" } to the steps of the recipe.',
  });
