/** Removing channels at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import { modelMacs } from '../../model/topology.ts';
import { type ChannelGroup, channelGraph } from '../../structure/channel-graph.ts';
import { withoutUnits } from '../../structure/remove.ts';
import type { StepNote, StepResult, Target } from '../../technique.ts';
import { renormalized } from '../../train/renormalize.ts';
import { visitTargets } from '../walk.ts';
import { type Choice, type Cut, chooseChannels, chooseCounts } from './channel-choice.ts';
import { type Evidence, gatherEvidence } from './channel-evidence.ts';
import { repairReaders } from './channel-repair.ts';
import type { ChannelsParams } from './channels-params.ts';

export async function pruneChannels(
  technique: string,
  model: Model,
  targets: readonly Target<ChannelsParams>[],
  context: Context,
  step: ChannelsParams,
): Promise<StepResult> {
  await visitTargets(technique, targets, context, () => {});
  const plan = chooseChannels(model, targets, step);
  // Rounds are worth it for what is learned between them.
  const rounds = context.training === undefined ? 1 : step.rounds;
  const repaired = new Set<string>();
  let current = model;
  let samples = 0;
  let lacks: Evidence['lacks'] = null;
  for (let round = 1; round <= rounds; round++) {
    const outcome = await removeOnce(current, targets, context, step, countsIn(model, plan, current, round / rounds));
    current = outcome.model;
    samples = Math.max(samples, outcome.samples);
    lacks ??= outcome.lacks;
    for (const layer of outcome.layers) repaired.add(layer);
  }
  const notes = [...plan.cuts.flatMap(noteOf), ...wholeNotes(technique, model, current, plan)];
  if (lacks !== null) notes.push(lacking(technique, lacks, step));
  if (samples > 0) {
    const text = `${technique}: ${repaired.size} layers were corrected from ${samples} training samples for the channels that they no longer read.`;
    notes.push({ layer: '', code: 'channels-repaired', text });
  }
  return { model: current, notes };
}

/** What each group of the model as it is now still has to lose, by the share of the plan that is due. */
function countsIn(original: Model, { cuts }: Choice, now: Model, due: number): (group: ChannelGroup) => number {
  const whole = channelGraph(original).groups;
  const current = channelGraph(now).groups;
  const planned = new Map(cuts.map(({ group, removed }) => [whole.indexOf(group), removed]));
  return (group) => {
    const at = current.indexOf(group);
    const gone = (whole[at]?.units.length ?? 0) - group.units.length;
    return Math.max(0, Math.round((planned.get(at) ?? 0) * due) - gone);
  };
}

/** One round: so many channels of each group go, and what read them is repaired. */
async function removeOnce(
  model: Model,
  targets: readonly Target<ChannelsParams>[],
  context: Context,
  step: ChannelsParams,
  countOf: (group: ChannelGroup) => number,
) {
  const graph = channelGraph(model);
  const { study, refine, lacks } = await gatherEvidence(model, graph, context, step);
  const { removed } = chooseCounts(model, targets, step, countOf, refine);
  const pruned = withoutUnits(model, graph, removed);
  if (step.repair === 'none' || study === null || context.training === undefined || !removed.includes(1)) {
    return { model: pruned, samples: 0, layers: [], lacks };
  }
  const { model: repaired, layers } = repairReaders(model, pruned, graph, removed, study);
  return { model: await renormalized(repaired, context.training, context), samples: study.samples, layers, lacks };
}

function lacking(technique: string, lacks: NonNullable<Evidence['lacks']>, { importance }: ChannelsParams): StepNote {
  const wanted = importance === 'taylor' ? 'the loss' : 'activations';
  const why =
    lacks === 'data'
      ? `no training data was there to measure ${wanted} on`
      : 'the training data holds no right answers, and the model does not decide between classes';
  const text = `${technique}: ${why}; channels were ranked by the l2 norms of their weights.`;
  return { layer: '', code: 'importance-without-data', text };
}

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

function noteOf({ group: { units, makers, axes }, removed, held }: Cut): StepNote[] {
  const layer = makers[0]?.name ?? '';
  if (held !== undefined) {
    const other = axes.find(({ use, role, node }) => use !== 'reads' && role.endsWith('kernel') && node.name !== held);
    return [
      {
        layer: other?.node.name ?? layer,
        code: 'channels-held',
        text: `Its channels stay: they are those of "${held}" too, which the step leaves out.`,
      },
    ];
  }
  if (removed === 0) return [];
  const others = [...new Set(axes.filter(({ use }) => use !== 'reads').map(({ node }) => node.name))].filter(
    (name) => name !== layer,
  );
  const along = others.length === 0 ? '' : `, and with them those of ${listed(others)}`;
  return [{ layer, code: 'channels-removed', text: `${removed} of its ${units.length} channels were removed${along}.` }];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function wholeNotes(technique: string, before: Model, after: Model, { missed }: Choice): StepNote[] {
  const [was, is] = [modelMacs(before), modelMacs(after)];
  const work = `${technique}: ${is.toLocaleString('en')} of ${was.toLocaleString('en')} multiply-accumulates are left.`;
  const notes: StepNote[] = Number.isNaN(was) || was === is ? [] : [{ layer: '', code: 'work-left', text: work }];
  if (missed === undefined) return notes;
  const text = `${technique}: no more than ${percent(missed.reached)} could be removed, where ${percent(missed.wanted)} were asked for: the other channels have to stay, or are capped.`;
  return [...notes, { layer: '', code: 'share-missed', text }];
}
