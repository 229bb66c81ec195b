/** Groups ranked together lose the least important of all their channels; those with a share of their own lose that share. */
import type { ChannelGraph, ChannelGroup } from '../../structure/channel-graph.ts';
import type { ChannelsParams } from './channels-params.ts';

/** A group that may lose channels. */
export interface Ranked {
  readonly group: ChannelGroup;
  readonly params: ChannelsParams;
  /** Units that can go, the least important first, and their importance. */
  readonly order: Int32Array;
  readonly scores: Float64Array;
  /** The units of each kernel that makes only some of the channels: of none of these may all go. */
  readonly parts: readonly ReadonlySet<number>[];
}

/** A group's units by importance; ties go by order. */
export function ranked(
  { protections }: ChannelGraph,
  group: ChannelGroup,
  params: ChannelsParams,
  importance: Float64Array,
): Ranked {
  const places = [...group.units.keys()]
    .filter((place) => protections[group.units[place] as number] === undefined)
    .sort((a, b) => (importance[a] as number) - (importance[b] as number) || a - b);
  const makers = group.axes.filter(({ use }) => use === 'makes').map(({ units }) => new Set(units));
  return {
    group,
    params,
    order: Int32Array.from(places, (place) => group.units[place] as number),
    scores: Float64Array.from(places, (place) => importance[place] as number),
    parts: makers.filter(({ size }) => size < group.units.length),
  };
}

/** Groups whose channels compete, all of them sorted once: `turns` names the group that each next channel is of. */
export interface Pool {
  readonly members: readonly Ranked[];
  readonly turns: Uint32Array;
}

/**
 * Whether a group loses a share of its own channels, because its layers' overrides say so: another ratio than the step's, or a ratio of
 * channels where the step's is one of work.
 */
export const standsApart = ({ ratio, of }: ChannelsParams, step: ChannelsParams): boolean =>
  ratio !== step.ratio || (of === 'channels' && step.of !== 'channels');

export function poolsOf(groups: readonly Ranked[], step: ChannelsParams): Pool[] {
  const pools = new Map<string, Ranked[]>();
  for (const [index, one] of groups.entries()) {
    const alone = one.params.ranking === 'layer' || standsApart(one.params, step);
    const key = JSON.stringify(one.params) + (alone ? index : '');
    pools.set(key, [...(pools.get(key) ?? []), one]);
  }
  return [...pools.values()].map((members) => {
    const all = members.flatMap(({ scores }, member) => Array.from(scores, (score) => ({ member, score })));
    return {
      members,
      turns: Uint32Array.from(
        all.sort((a, b) => a.score - b.score),
        ({ member }) => member,
      ),
    };
  });
}

/** How many channels each group of a pool loses when a share of them goes. */
export function countsAt({ members, turns }: Pool, share: number): number[] {
  const counts = new Array<number>(members.length).fill(0);
  for (const member of turns.subarray(0, Math.round(share * turns.length))) counts[member] = (counts[member] as number) + 1;
  return members.map(({ group, order, params }, member) =>
    limited(counts[member] as number, group.units.length, order.length, params),
  );
}

/** How many of a group go: never all, no more than the cap, and so many that a multiple of `roundTo` stays. */
function limited(wanted: number, total: number, removable: number, { cap, roundTo }: ChannelsParams): number {
  const most = Math.min(removable, total - 1, Math.floor(cap * total));
  const kept = Math.ceil((total - Math.min(wanted, most)) / roundTo) * roundTo;
  return Math.max(0, total - kept);
}

/** The least important units of a group, passing over those that are the last of some kernel. */
export function leastOf({ order, parts }: Ranked, count: number): Int32Array {
  if (parts.length === 0) return order.subarray(0, count);
  const left = parts.map((part) => new Set(part));
  const removed: number[] = [];
  for (const unit of order) {
    if (removed.length === count) break;
    if (left.some((part) => part.size === 1 && part.has(unit))) continue;
    for (const part of left) part.delete(unit);
    removed.push(unit);
  }
  return Int32Array.from(removed);
}
