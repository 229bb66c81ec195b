/** Removing channels at work; apart from its record, so that whoever lists techniques loads no TF.js. */
import type { Context } from '../../context.ts';
import type { Model } from '../../model/model.ts';
import { modelMacs } from '../../model/topology.ts';
import { channelGraph } from '../../structure/channel-graph.ts';
import { withoutUnits } from '../../structure/remove.ts';
import type { StepNote, StepResult, Target } from '../../technique.ts';
import { visitTargets } from '../walk.ts';
import { type Choice, type Cut, chooseChannels } from './channel-choice.ts';
import type { ChannelsParams } from './channels-params.ts';

export async function pruneChannels(
  technique: string,
  model: Model,
  targets: readonly Target<ChannelsParams>[],
  context: Context,
  step: ChannelsParams,
): Promise<StepResult> {
  await visitTargets(technique, targets, context, () => {});
  const choice = chooseChannels(model, targets, step);
  const pruned = withoutUnits(model, channelGraph(model), choice.removed);
  return { model: pruned, notes: [...choice.cuts.flatMap(noteOf), ...wholeNotes(technique, model, pruned, choice)] };
}

const listed = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

function noteOf({ group: { units, makers, axes }, removed, held }: Cut): StepNote[] {
  const layer = makers[0]?.name ?? '';
  if (held !== undefined) {
    return [
      { layer, code: 'channels-held', text: `Its channels stay: they are those of "${held}" too, which the step leaves out.` },
    ];
  }
  if (removed.length === 0) return [];
  const others = [...new Set(axes.filter(({ use }) => use !== 'reads').map(({ node }) => node.name))].filter(
    (name) => name !== layer,
  );
  const along = others.length === 0 ? '' : `, and with them those of ${listed(others)}`;
  return [{ layer, code: 'channels-removed', text: `${removed.length} of its ${units.length} channels were removed${along}.` }];
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
