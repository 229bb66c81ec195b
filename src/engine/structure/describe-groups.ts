/** The coupling of a model's channels as plain JSON, for whoever draws it. */
import type { Model } from '../model/model.ts';
import type { ChannelAxis, ChannelProtection } from '../model/op.ts';
import { importanceOf } from '../techniques/prune/channel-importance.ts';
import { channelGraph } from './channel-graph.ts';

/** Channels that can only be taken away everywhere at once. */
export interface DescribedGroup {
  /** How many there are. */
  readonly channels: number;
  /** The layers whose kernels make them. */
  readonly makers: readonly string[];
  /** Every tensor that counts them, in the order of the layers. */
  readonly members: readonly { readonly layer: string; readonly role: string; readonly use: ChannelAxis['use'] }[];
  /** Norms of the channels over all kernels of the group, relative to their mean, largest first. */
  readonly importance: readonly number[];
  /** Why none of them can go; absent where some can. */
  readonly protection?: ChannelProtection;
}

/** All groups of a model, in the order of their first layer. */
export function describeGroups(model: Model): DescribedGroup[] {
  const place = new Map(model.nodes.map((node, at) => [node, at]));
  return channelGraph(model).groups.map((group) => {
    const axes = [...group.axes].sort((a, b) => (place.get(a.node) ?? 0) - (place.get(b.node) ?? 0));
    return {
      channels: group.units.length,
      makers: group.makers.map(({ name }) => name),
      members: axes.map(({ node, role, use }) => ({ layer: node.name, role, use })),
      importance: [...importanceOf(model, group, { importance: 'l2', seed: 1 })].sort((a, b) => b - a),
      ...(group.protection && { protection: group.protection }),
    };
  });
}
