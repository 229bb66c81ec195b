/** Removing channels at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import { modelMacs } from '../../model/topology.ts';
import { type ChannelGraph, channelGraph } from '../../structure/channel-graph.ts';
import { withoutUnits } from '../../structure/remove.ts';
import type { StepNote, StepResult, Target } from '../../technique.ts';
import { renormalized } from '../../train/renormalize.ts';
import { visitTargets } from '../walk.ts';
import { type Choice, type Cut, chooseChannels } from './channel-choice.ts';
import { energyOf } from './channel-importance.ts';
import { repairReaders } from './channel-repair.ts';
import { studyReaders } from './channel-study.ts';
import type { ChannelsParams } from './channels-params.ts';

export async function pruneChannels(
  technique: string,
  model: Model,
  targets: readonly Target<ChannelsParams>[],
  context: Context,
  step: ChannelsParams,
): Promise<StepResult> {
  await visitTargets(technique, targets, context, () => {});
  const graph = channelGraph(model);
  const study = await studied(model, graph, context, step);
  const byEnergy = step.importance === 'activation' && study !== null;
  const choice = chooseChannels(model, targets, step, (group) => (byEnergy ? energyOf(model, group, study) : undefined));
  const pruned = withoutUnits(model, graph, choice.removed);
  const notes = [...choice.cuts.flatMap(noteOf), ...wholeNotes(technique, model, pruned, choice)];
  if (step.importance === 'activation' && study === null) notes.push(withoutData(technique));
  if (step.repair === 'none' || study === null || context.training === undefined || !choice.removed.includes(1)) {
    return { model: pruned, notes };
  }
  const repaired = repairReaders(model, pruned, graph, choice.removed, study);
  const text = `${technique}: ${repaired.layers.length} layers were corrected from ${study.samples} training samples for the channels that they no longer read.`;
  notes.push({ layer: '', code: 'channels-repaired', text });
  return { model: await renormalized(repaired.model, context.training, context), notes };
}

/** What reaches the layers that may lose channels; null where nothing asks for it, there is no data, or several inputs to fill. */
async function studied(model: Model, graph: ChannelGraph, context: Context, { importance, repair }: ChannelsParams) {
  const { training } = context;
  if (training === undefined || model.inputs.length !== 1 || (importance !== 'activation' && repair === 'none')) return null;
  const readers = new Set(graph.axes.flatMap(({ use, role, node }) => (use === 'reads' && role === 'kernel' ? [node] : [])));
  return studyReaders(model, [...readers], training, context, repair === 'least-squares' ? 'covariances' : 'means');
}

const withoutData = (technique: string): StepNote => ({
  layer: '',
  code: 'importance-without-data',
  text: `${technique}: no training data was there to measure activations on; channels were ranked by the l2 norms of their weights.`,
});

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
