/**
 * Which channels go: the least important of all groups together or of each, up to a share of the channels, of the multiply-accumulates, of
 * the parameters or of the bytes that the weights take as they are stored when channels go; what later steps save comes on top. Work is
 * not proportional to channels, so that a share of it is found by bisection over the share of channels, counting the smaller model exactly.
 */
import { StudioError } from '../../errors.ts';
import { payloadBits } from '../../model/encoding.ts';
import { elementCount, type Model, type Weight, type WeightId } from '../../model/model.ts';
import { modelMacs } from '../../model/topology.ts';
import { type ChannelGraph, type ChannelGroup, channelGraph } from '../../structure/channel-graph.ts';
import { nodesWithout, type UnitFlags } from '../../structure/remove.ts';
import type { Target } from '../../technique.ts';
import { importanceOf } from './channel-importance.ts';
import { countsAt, leastOf, type Pool, poolsOf, type Ranked, ranked, standsApart } from './channel-ranking.ts';
import type { ChannelsParams } from './channels-params.ts';

/** What becomes of a group. */
export interface Cut {
  readonly group: ChannelGroup;
  /** Channels that go. */
  readonly removed: number;
  /** A layer that makes or filters the same channels and is no target: the group stays as it is. */
  readonly held?: string;
}

export interface Choice {
  readonly removed: UnitFlags;
  readonly cuts: readonly Cut[];
  /** Share of the work that was to be removed, and that is, where channels could not be taken as far as asked. */
  readonly missed?: { readonly wanted: number; readonly reached: number };
}

/** Importance of a group's channels from data; undefined where weights decide. */
export type Refine = (group: ChannelGroup) => Float64Array | undefined;

/**
 * What each group loses. How many of a group go follows from weights, so that sizes are known before data is looked at; `refine`, where
 * given, says which. Throws RECIPE_MACS_UNKNOWN where work is to be counted and depends on sizes that the model leaves open.
 */
export function chooseChannels(
  model: Model,
  targets: readonly Target<ChannelsParams>[],
  step: ChannelsParams,
  refine: Refine = () => undefined,
): Choice {
  const graph = channelGraph(model);
  const { open, held } = openGroups(model, graph, targets, step);
  const pools = poolsOf(open, step);
  const { share, missed } = step.of === 'channels' ? { share: step.ratio } : shareOfWork(model, graph, pools, step);
  const counted = pools.flatMap((pool) => {
    const counts = countsAt(pool, shareIn(pool, step, share));
    return pool.members.map((one, i) => [one, counts[i] as number] as const);
  });
  return { ...taken(graph, counted, refine, held), ...(missed ? { missed } : {}) };
}

/** What goes where each open group loses a share of its own channels, within its cap and rounding; undefined is none. */
export function chooseByGroup(
  model: Model,
  targets: readonly Target<ChannelsParams>[],
  step: ChannelsParams,
  shareOf: (group: ChannelGroup) => number | undefined,
  refine: Refine = () => undefined,
): Choice {
  const graph = channelGraph(model);
  const { open, held } = openGroups(model, graph, targets, step);
  const counted = open.map((one) => {
    const [count = 0] = countsAt(poolsOf([one], step)[0] as Pool, shareOf(one.group) ?? 0);
    return [one, count] as const;
  });
  return taken(graph, counted, refine, held);
}

/** The channels of each open group that go where it loses so many. */
export function chooseCounts(
  model: Model,
  targets: readonly Target<ChannelsParams>[],
  step: ChannelsParams,
  countOf: (group: ChannelGroup) => number,
  refine: Refine,
): Choice {
  const graph = channelGraph(model);
  const { open, held } = openGroups(model, graph, targets, step);
  return taken(
    graph,
    open.map((one) => [one, countOf(one.group)] as const),
    refine,
    held,
  );
}

function taken(
  graph: ChannelGraph,
  counted: readonly (readonly [one: Ranked, count: number])[],
  refine: Refine,
  held: readonly Cut[],
): Choice {
  const refined = (one: Ranked): Ranked => {
    const scores = refine(one.group);
    return scores === undefined ? one : ranked(graph, one.group, one.params, scores);
  };
  const removed = flagged(
    graph,
    counted.map(([one, count]) => leastOf(refined(one), count)),
  );
  const cuts = counted.map(([{ group }]) => ({ group, removed: group.units.filter((unit) => removed[unit] === 1).length }));
  return { removed, cuts: [...cuts, ...held] };
}

/** The groups all of whose kernels are targets, ranked; and those of which one is not. */
function openGroups(model: Model, graph: ChannelGraph, targets: readonly Target<ChannelsParams>[], step: ChannelsParams) {
  const byId = new Map(targets.map((target) => [target.id, target]));
  const open: Ranked[] = [];
  const held: Cut[] = [];
  for (const group of graph.groups) {
    const own = group.axes.filter(({ use, role }) => use !== 'reads' && role.endsWith('kernel'));
    const params = own.flatMap(({ weight }) => byId.get(weight)?.params ?? []);
    const apart = params.filter((one) => standsApart(one, step));
    const [gentlest] = (apart.length > 0 ? apart : params).toSorted((a, b) => a.ratio - b.ratio);
    const other = own.find(({ weight }) => !byId.has(weight));
    if (gentlest === undefined || group.protection !== undefined) continue;
    if (other !== undefined) held.push({ group, removed: 0, held: other.node.name });
    else open.push(ranked(graph, group, gentlest, importanceOf(model, group, gentlest)));
  }
  return { open, held };
}

/** A pool that stands apart keeps its ratio, whatever the others need. */
function shareIn({ members: [first] }: Pool, step: ChannelsParams, share: number): number {
  return first === undefined || !standsApart(first.params, step) ? share : first.params.ratio;
}

function flagged({ protections }: ChannelGraph, removed: readonly Int32Array[]): UnitFlags {
  const flags = new Uint8Array(protections.length);
  for (const units of removed) for (const unit of units) flags[unit] = 1;
  return flags;
}

/** The share of channels that leaves no more than the wanted share of the work. */
function shareOfWork(
  model: Model,
  graph: ChannelGraph,
  pools: readonly Pool[],
  step: ChannelsParams,
): { readonly share: number; readonly missed?: Choice['missed'] } {
  const work = { macs: macsWithout, parameters: parametersWithout, bytes: bytesWithout, channels: parametersWithout }[step.of];
  const all = work(model, graph, flagged(graph, []));
  if (step.ratio === 0 || all === 0) return { share: 0 };
  const saved = (share: number) => {
    const units = pools.flatMap((pool) => {
      const counts = countsAt(pool, shareIn(pool, step, share));
      return pool.members.map((one, i) => leastOf(one, counts[i] as number));
    });
    return 1 - work(model, graph, flagged(graph, units)) / all;
  };
  const most = saved(1);
  if (most < step.ratio) return { share: 1, missed: { wanted: step.ratio, reached: most } };
  let [low, high] = [0, 1];
  for (let round = 0; round < 16; round++) {
    const middle = (low + high) / 2;
    if (saved(middle) < step.ratio) low = middle;
    else high = middle;
  }
  return { share: high };
}

/** Work of the model without some units. */
export function macsWithout(model: Model, graph: ChannelGraph, removed: UnitFlags): number {
  const macs = modelMacs({ ...model, nodes: nodesWithout(model, graph, removed) });
  if (!Number.isNaN(macs)) return macs;
  throw new StudioError({
    code: 'RECIPE_MACS_UNKNOWN',
    title: 'This model leaves its input size open, so that its work can not be counted.',
    detail: 'prune/channels was to remove a share of the multiply-accumulates, which depend on the size of the input.',
    hint: 'Choose a share of the parameters, of the bytes or of the channels.',
  });
}

/** Shapes of all tensors without some units. */
function shapesWithout(model: Model, { axes }: ChannelGraph, removed: UnitFlags): Map<WeightId, number[]> {
  const shapes = new Map([...model.weights].map(([id, { shape }]) => [id, [...shape]]));
  for (const { weight, axis, units } of axes) {
    const shape = shapes.get(weight);
    if (shape !== undefined) shape[axis] = units.reduce((count, unit) => count + 1 - (removed[unit] as number), 0);
  }
  return shapes;
}

function parametersWithout(model: Model, graph: ChannelGraph, removed: UnitFlags): number {
  let total = 0;
  for (const shape of shapesWithout(model, graph, removed).values()) total += elementCount(shape);
  return total;
}

/** Bit-packed payload, as `measureSize` counts it; scales of an axis go with their index. */
function bytesWithout(model: Model, graph: ChannelGraph, removed: UnitFlags): number {
  let total = 0;
  for (const [id, shape] of shapesWithout(model, graph, removed)) {
    const { encoding, shape: before } = model.weights.get(id) as Weight;
    const kept =
      encoding.kind !== 'affine' || encoding.axis === null
        ? encoding
        : { ...encoding, scale: encoding.scale.subarray(0, scalesKept(encoding.scale.length, before, shape, encoding.axis)) };
    total += Math.ceil(payloadBits(kept, elementCount(shape)) / 8);
  }
  return total;
}

const scalesKept = (scales: number, before: readonly number[], after: readonly number[], axis: number): number =>
  Math.round((scales * (after[axis] ?? 1)) / (before[axis] ?? 1));
