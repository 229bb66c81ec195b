/**
 * Which channels go: the least important of all groups together or of each, up to a share of the channels, of the multiply-accumulates or
 * of the parameters. Work is not proportional to channels, so that a share of it is found by bisection over the share of channels,
 * counting the smaller model's work exactly.
 */
import { StudioError } from '../../errors.ts';
import { elementCount, type Model } from '../../model/model.ts';
import { modelMacs } from '../../model/topology.ts';
import { type ChannelGraph, type ChannelGroup, channelGraph } from '../../structure/channel-graph.ts';
import { nodesWithout } from '../../structure/remove.ts';
import type { Target } from '../../technique.ts';
import { importanceOf } from './channel-importance.ts';
import type { ChannelsParams } from './channels-params.ts';

/** What becomes of a group. */
export interface Cut {
  readonly group: ChannelGroup;
  readonly removed: readonly number[];
  /** A layer that makes or filters the same channels and is no target: the group stays as it is. */
  readonly held?: string;
}

export interface Choice {
  readonly removed: ReadonlySet<number>;
  readonly cuts: readonly Cut[];
  /** Share of the work that was to be removed, and that is, where channels could not be taken as far as asked. */
  readonly missed?: { readonly wanted: number; readonly reached: number };
}

/** A group that may lose channels. */
interface Open {
  readonly group: ChannelGroup;
  readonly params: ChannelsParams;
  /** Units that can go, the least important first. */
  readonly order: readonly { readonly unit: number; readonly score: number }[];
}

/**
 * What each group loses. How many of a group go follows from weights, so that sizes are known before data is looked at; `refine`, where
 * given, says which. Throws RECIPE_MACS_UNKNOWN where work is to be counted and depends on sizes that the model leaves open.
 */
export function chooseChannels(
  model: Model,
  targets: readonly Target<ChannelsParams>[],
  step: ChannelsParams,
  refine: (group: ChannelGroup) => Float64Array | undefined = () => undefined,
): Choice {
  const graph = channelGraph(model);
  const byId = new Map(targets.map((target) => [target.id, target]));
  const open: Open[] = [];
  const held: Cut[] = [];
  for (const group of graph.groups) {
    const own = group.axes.filter(({ use, role }) => use !== 'reads' && role.endsWith('kernel'));
    const params = own.flatMap(({ weight }) => byId.get(weight)?.params ?? []);
    const [gentlest] = params.toSorted((a, b) => a.ratio - b.ratio);
    const other = own.find(({ weight }) => !byId.has(weight));
    if (gentlest === undefined || group.protection !== undefined) continue;
    if (other !== undefined) held.push({ group, removed: [], held: other.node.name });
    else open.push(opened(model, graph, group, gentlest));
  }
  const exact = step.of === 'channels' ? { share: step.ratio } : shareOfWork(model, graph, open, step);
  const cuts = cutsAt(open, step, exact.share).map((cut) => refined(cut, graph, refine(cut.group)));
  return { removed: removedBy(cuts), cuts: [...cuts, ...held], ...(exact.missed ? { missed: exact.missed } : {}) };
}

/** As many of the group, by another importance. */
function refined(cut: Cut, graph: ChannelGraph, scores: Float64Array | undefined): Cut {
  if (scores === undefined) return cut;
  return { ...cut, removed: leastOf(cut.group, ordered(graph, cut.group, scores), cut.removed.length) };
}

function ordered({ protections }: ChannelGraph, { units }: ChannelGroup, scores: Float64Array): Open['order'] {
  return units
    .map((unit, place) => ({ unit, score: scores[place] as number }))
    .filter(({ unit }) => protections[unit] === undefined)
    .sort((a, b) => a.score - b.score || a.unit - b.unit);
}

function opened(model: Model, graph: ChannelGraph, group: ChannelGroup, params: ChannelsParams): Open {
  return { group, params, order: ordered(graph, group, importanceOf(model, group, params)) };
}

const removedBy = (cuts: readonly Cut[]): Set<number> => new Set(cuts.flatMap(({ removed }) => removed));

/** The share of channels that leaves no more than the wanted share of the work. */
function shareOfWork(
  model: Model,
  graph: ChannelGraph,
  open: readonly Open[],
  step: ChannelsParams,
): { readonly share: number; readonly missed?: Choice['missed'] } {
  const work = step.of === 'macs' ? macsWithout : parametersWithout;
  const all = work(model, graph, new Set());
  const left = (share: number) => work(model, graph, removedBy(cutsAt(open, step, share))) / all;
  if (step.ratio === 0 || all === 0) return { share: 0 };
  const most = 1 - left(1);
  if (most < step.ratio) return { share: 1, missed: { wanted: step.ratio, reached: most } };
  let [low, high] = [0, 1];
  for (let round = 0; round < 20; round++) {
    const middle = (low + high) / 2;
    if (1 - left(middle) < step.ratio) low = middle;
    else high = middle;
  }
  return { share: high };
}

function macsWithout(model: Model, graph: ChannelGraph, removed: ReadonlySet<number>): number {
  const macs = modelMacs({ ...model, nodes: nodesWithout(model, graph, removed) });
  if (!Number.isNaN(macs)) return macs;
  throw new StudioError({
    code: 'RECIPE_MACS_UNKNOWN',
    title: 'This model leaves its input size open, so that its work can not be counted.',
    detail: 'prune/channels was to remove a share of the multiply-accumulates, which depend on the size of the input.',
    hint: 'Choose a share of the parameters or of the channels.',
  });
}

function parametersWithout(model: Model, { axes }: ChannelGraph, removed: ReadonlySet<number>): number {
  const shapes = new Map([...model.weights].map(([id, { shape }]) => [id, [...shape]]));
  for (const { weight, axis, units } of axes) {
    const shape = shapes.get(weight);
    if (shape !== undefined) shape[axis] = units.reduce((count, unit) => count + (removed.has(unit) ? 0 : 1), 0);
  }
  let total = 0;
  for (const shape of shapes.values()) total += elementCount(shape);
  return total;
}

/** Groups that are ranked together lose the least important of all their channels; those with a share of their own lose that share. */
function cutsAt(open: readonly Open[], step: ChannelsParams, share: number): Cut[] {
  const pools = new Map<string, Open[]>();
  for (const [index, one] of open.entries()) {
    const key = JSON.stringify(one.params) + (one.params.ranking === 'layer' ? index : '');
    pools.set(key, [...(pools.get(key) ?? []), one]);
  }
  return [...pools.values()].flatMap((pool) => {
    const params = pool[0]?.params ?? step;
    const own = params.ratio === step.ratio ? share : params.ratio;
    const total = pool.reduce((sum, { order }) => sum + order.length, 0);
    const ranked = pool.flatMap(({ order }) => order).sort((a, b) => a.score - b.score || a.unit - b.unit);
    const lowest = new Set(ranked.slice(0, Math.round(own * total)).map(({ unit }) => unit));
    return pool.map(({ group, order }) => {
      const wanted = order.reduce((count, { unit }) => count + (lowest.has(unit) ? 1 : 0), 0);
      return { group, removed: leastOf(group, order, limited(wanted, group.units.length, order.length, params)) };
    });
  });
}

/** How many of a group go: never all, no more than the cap, and so many that a multiple of `roundTo` stays. */
function limited(wanted: number, total: number, removable: number, { cap, roundTo }: ChannelsParams): number {
  const most = Math.min(removable, total - 1, Math.floor(cap * total));
  const kept = Math.ceil((total - Math.min(wanted, most)) / roundTo) * roundTo;
  return Math.max(0, total - kept);
}

/** The least important units, passing over those that are the last of some kernel. */
export function leastOf({ axes }: ChannelGroup, order: readonly { readonly unit: number }[], count: number): number[] {
  const makers = axes.filter(({ use }) => use === 'makes').map(({ units }) => new Set(units));
  const removed: number[] = [];
  for (const { unit } of order) {
    if (removed.length === count) break;
    if (makers.some((left) => left.size === 1 && left.has(unit))) continue;
    for (const left of makers) left.delete(unit);
    removed.push(unit);
  }
  return removed;
}
