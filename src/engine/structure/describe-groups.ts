/** The coupling of a model's channels under a recipe as plain JSON, for whoever draws it: what goes together, and what of it goes. */
import type { Model } from '../model/model.ts';
import type { ChannelAxis, ChannelProtection } from '../model/op.ts';
import type { Recipe } from '../recipe.ts';
import { chooseChannels } from '../techniques/prune/channel-choice.ts';
import { importanceOf } from '../techniques/prune/channel-importance.ts';
import { channelStep } from '../techniques/prune/channel-step.ts';
import type { ChannelsParams } from '../techniques/prune/channels-params.ts';
import { channelGraph } from './channel-graph.ts';

/** Channels that can only be taken away everywhere at once. */
export interface DescribedGroup {
  /** How many there are. */
  readonly channels: number;
  /** The layers whose kernels make them. */
  readonly makers: readonly string[];
  /** Every tensor that counts them, in the order of the layers. */
  readonly members: readonly { readonly layer: string; readonly role: string; readonly use: ChannelAxis['use'] }[];
  /** How much each channel matters relative to their mean, in the order of the channels. */
  readonly importance: readonly number[];
  /** Places of the channels that go, ascending. */
  readonly removed: readonly number[];
  /** Why none of them can go; absent where some can. */
  readonly protection?: ChannelProtection;
  /** A layer of the group that the step leaves out, so that the channels stay. */
  readonly held?: string;
}

export interface DescribedGroups {
  /** In the order of their first layer, as the step meets them. */
  readonly groups: readonly DescribedGroup[];
  /** Place of the recipe's first step that removes channels, from 0; null where none does. */
  readonly step: number | null;
  /** What tells channels apart; without a step, norms. */
  readonly importance: ChannelsParams['importance'];
  /** True where data decides in a run which channels go; norms stand for it until then. How many go is known. */
  readonly byData: boolean;
}

const unguided = { importance: 'l2', seed: 1 } as const;

/** All groups of a model, and what the recipe's first step that removes channels takes of each. Throws RECIPE_*. */
export function describeGroups(original: Model, recipe: Recipe): DescribedGroups {
  const step = channelStep(original, recipe);
  const model = step?.model ?? original;
  const choice = step && chooseChannels(model, step.targets, step.params);
  const cuts = new Map(choice?.cuts.map((cut) => [cut.group, cut]));
  const place = new Map(model.nodes.map((node, at) => [node, at]));
  const groups = channelGraph(model).groups.map((group): DescribedGroup => {
    const axes = group.axes.toSorted((a, b) => (place.get(a.node) ?? 0) - (place.get(b.node) ?? 0));
    const cut = cuts.get(group);
    const held = cut === undefined && step !== null && group.protection === undefined ? group.makers[0]?.name : cut?.held;
    return {
      channels: group.units.length,
      makers: group.makers.map(({ name }) => name),
      members: axes.map(({ node, role, use }) => ({ layer: node.name, role, use })),
      importance: [...importanceOf(model, group, step?.params ?? unguided)],
      removed: [...group.units.keys()].filter((at) => choice?.removed[group.units[at] as number] === 1),
      ...(group.protection && { protection: group.protection }),
      ...(held !== undefined && { held }),
    };
  });
  const importance = step?.params.importance ?? unguided.importance;
  return {
    groups,
    step: step === null ? null : step.planned.number - 1,
    importance,
    byData: importance === 'activation' || importance === 'taylor',
  };
}
