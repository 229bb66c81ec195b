/**
 * How much each coupled group alone can lose: for each group of channels and ten shares of it, what the answers lose where nothing but
 * this share goes, repaired as the step would. The dictionary of AIMET's greedy selection. Figures are measured one by one, so that
 * whoever asks can let other work through between two of them, and each is kept in the caller's cache as soon as it is known.
 */
import type { SampleSource } from '../analysis/samples.ts';
import { type Context, checkpoint, type TrainingData } from '../context.ts';
import { draw } from '../data/split.ts';
import type { Model } from '../model/model.ts';
import { modelMacs } from '../model/topology.ts';
import type { Recipe } from '../recipe.ts';
import { concreteInputs } from '../run.ts';
import { createPredictor } from '../runtime/executor.ts';
import { type ChannelGroup, channelGraph } from '../structure/channel-graph.ts';
import { withoutUnits } from '../structure/remove.ts';
import { chooseByGroup } from '../techniques/prune/channel-choice.ts';
import { type Evidence, gatherEvidence } from '../techniques/prune/channel-evidence.ts';
import { repairReaders } from '../techniques/prune/channel-repair.ts';
import { type ChannelStep, channelStep } from '../techniques/prune/channel-step.ts';
import { channelShares } from './shares.ts';
import { lossOf, outputsOn, prepareSlice, type ScoreKind, type Slice, scoreOf } from './slice.ts';

/** What a share of one group's channels costs alone. */
export interface ChannelCell {
  readonly share: number;
  /** Channels that go, after cap and rounding. */
  readonly removed: number;
  /** Mean divergence from the whole model's answers (slice.ts), ≥ 0. */
  readonly loss: number;
  /** Points of the score that are lost. */
  readonly dropPoints: number;
}

export type ChannelCells = Map<string, ChannelCell>;

export interface ChannelTableJob extends SampleSource {
  readonly model: Model;
  /** Its first step that removes channels says how they are ranked and repaired, and which groups are open. */
  readonly recipe: Recipe;
  readonly training?: TrainingData;
  /** Kept figures; `key` names the model and the data with its scaling. */
  readonly cache?: { readonly cells: ChannelCells; readonly key: string };
  readonly context: Context;
}

export interface ChannelTable {
  /** Groups that may lose channels, by the layers that make these. */
  readonly groups: readonly { readonly makers: readonly string[]; readonly channels: number }[];
  readonly score: ScoreKind;
  readonly samples: number;
  readonly synthetic: boolean;
  /** Measures a cell, or remembers it. Throws the signal's reason. */
  measure(group: number, share: number, context: Pick<Context, 'signal'>): Promise<ChannelCell>;
}

/** The step, and the groups that it may take channels of. */
export interface OpenChannels extends ChannelStep {
  readonly groups: readonly ChannelGroup[];
}

/** What the first step that removes channels may do; null where the recipe has none. Throws RECIPE_*. */
export function openChannels(original: Model, recipe: Recipe): OpenChannels | null {
  const step = channelStep(original, recipe);
  if (step === null) return null;
  const { cuts } = chooseByGroup(step.model, step.targets, step.params, () => 0);
  return { ...step, groups: cuts.flatMap(({ group, held }) => (held === undefined ? group : [])) };
}

export const makersOf = ({ makers }: ChannelGroup): string[] => makers.map(({ name }) => name);

const mostSamples = 500;
const fewestSamples = 32;
/** Multiply-accumulates that the whole table may take. */
const budget = 2e11;

/**
 * Reads samples, asks the whole model and studies what reaches its layers. `dataset` is the exploring part of the data, or null for
 * synthetic inputs. Null where the recipe removes no channels. Throws RECIPE_*, DATA_*, TRAIN_MODEL, or the signal's reason.
 */
export async function prepareChannelTable(job: ChannelTableJob): Promise<ChannelTable | null> {
  const { dataset, context, training } = job;
  const open = openChannels(job.model, job.recipe);
  if (open === null) return null;
  const { model, params, groups } = open;
  const inputShapes = concreteInputs(model, dataset);
  const figures = Math.max(1, groups.length * channelShares.length);
  const affordable = Math.floor(budget / Math.max(1, modelMacs(model, inputShapes) * figures));
  const wanted = Math.max(fewestSamples, Math.min(mostSamples, affordable));
  const drawn = dataset === null ? null : draw(dataset, wanted).drawn;
  const executor = await createPredictor(model, { inputShapes });
  let slice: Slice;
  try {
    slice = await prepareSlice(executor, { ...job, dataset: drawn }, Math.min(wanted, drawn?.size ?? wanted), context);
  } finally {
    executor.dispose();
  }
  const evidence = await gatherEvidence(model, channelGraph(model), { ...context, ...(training && { training }) }, params);
  return {
    groups: groups.map((group) => ({ makers: makersOf(group), channels: group.units.length })),
    score: slice.score,
    samples: slice.samples,
    synthetic: slice.synthetic,
    measure: createMeasure(job, open, slice, evidence, inputShapes),
  };
}

function createMeasure(
  { cache, training, recipe }: ChannelTableJob,
  { planned, model, targets, params, groups }: OpenChannels,
  slice: Slice,
  evidence: Evidence,
  inputShapes: readonly (readonly number[])[],
): ChannelTable['measure'] {
  const { importance, seed, repair, cap, roundTo } = params;
  const before = recipe.steps.slice(0, planned.number - 1);
  const learned = training?.id ?? '';
  const common = JSON.stringify([cache?.key, slice.samples, before, importance, seed, repair, cap, roundTo, learned]);
  return async (at, share, context) => {
    await checkpoint(context);
    const group = groups[at] as ChannelGroup;
    const key = `${common} ${makersOf(group).join(' ')} ${share}`;
    const known = cache?.cells.get(key);
    if (known !== undefined) return known;
    const shareOf = (one: ChannelGroup) => (one === group ? share : 0);
    const { removed, cuts } = chooseByGroup(model, targets, params, shareOf, evidence.refine);
    const graph = channelGraph(model);
    const pruned = withoutUnits(model, graph, removed);
    const { study } = evidence;
    const repairs = repair !== 'none' && study !== null && removed.includes(1);
    const candidate = repairs ? repairReaders(model, pruned, graph, removed, study).model : pruned;
    const outputs = await answersOf(candidate, slice, inputShapes, context);
    const cell = {
      share,
      removed: cuts.find((cut) => cut.group === group)?.removed ?? 0,
      loss: Math.min(lossOf(slice, outputs), Number.MAX_VALUE),
      dropPoints: scoreOf(slice, outputs).dropPoints,
    };
    cache?.cells.set(key, cell);
    return cell;
  };
}

async function answersOf(
  model: Model,
  slice: Slice,
  inputShapes: readonly (readonly number[])[],
  context: Pick<Context, 'signal'>,
): Promise<Float32Array> {
  const predictor = await createPredictor(model, { inputShapes });
  try {
    return await outputsOn(predictor, slice, context);
  } finally {
    predictor.dispose();
  }
}
