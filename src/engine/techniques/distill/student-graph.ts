/**
 * A student made from its teacher's graph: narrower (the width multiplier of Howard et al. 2017, for everything that an Add, a depthwise
 * filter or a concatenation couples at once), of separable convolutions, and with weights that know nothing, or with those of the channels
 * that are largest in the teacher.
 */
import * as v from 'valibot';
import { StudioError } from '../../errors.ts';
import { createRng, type Rng } from '../../math/rng.ts';
import { float32 } from '../../model/encoding.ts';
import { type Model, type Weight, type WeightId, withWeights } from '../../model/model.ts';
import type { ChannelProtection } from '../../model/op.ts';
import { slotsOf } from '../../slots.ts';
import { type ChannelGraph, type ChannelGroup, channelGraph } from '../../structure/channel-graph.ts';
import { type UnitFlags, withoutUnits } from '../../structure/remove.ts';
import type { Target } from '../../technique.ts';
import { importanceOf } from '../prune/channel-importance.ts';
import { leastOf, ranked } from '../prune/channel-ranking.ts';
import { channelsParams } from '../prune/channels-params.ts';
import { freshWeight } from './initialize.ts';
import { separated } from './separable.ts';
import { narrowed, type StudentParams } from './student-params.ts';

type Targets = readonly Target<StudentParams>[];

/** The student as planning and estimates see it: of the right form, with weights of no meaning. */
export const plannedStudent = (model: Model, targets: Targets): Model => studentOf(model, targets, createRng(1));

/** The student of a model, its fresh weights drawn from `rng`. Throws DISTILL_STUDENT where the graph can not be made narrower. */
export function studentOf(model: Model, targets: Targets, rng: Rng): Model {
  const asked = new Map(targets.map((target) => [target.id, target.params]));
  if (asked.size === 0) return model;
  const plain = plainOf(model);
  const { model: wide, origins } = separated(plain, (kernel) => asked.get(kernel)?.separable === true);
  const paramsOf = (id: WeightId) => asked.get(origins.get(id) ?? id);
  const narrow = withoutUnits(wide, channelGraph(wide), surplusUnits(wide, paramsOf));
  const changes = new Map<WeightId, Weight>();
  for (const { id, slot } of slotsOf(narrow)) {
    const own = paramsOf(id);
    const old = model.weights.get(id);
    const begins = (own ?? targets[0]?.params)?.weights;
    if (own === undefined && old !== undefined && narrow.weights.get(id) === plain.weights.get(id)) changes.set(id, old);
    else if (begins !== 'original' || old === undefined)
      changes.set(id, freshWeight(slot, begins === 'he' ? 'he' : 'glorot', rng));
  }
  return withWeights(narrow, changes);
}

const plains = new WeakMap<Model, Model>();

/** The model without codes and masks; kept, so that its channels are traced once while a slider moves. */
function plainOf(model: Model): Model {
  const cached = plains.get(model);
  if (cached !== undefined) return cached;
  const floats = [...model.weights].map(([id, { shape, values }]) => [id, { shape, values, encoding: float32 }] as const);
  const plain = withWeights(model, new Map(floats));
  plains.set(model, plain);
  return plain;
}

/** Channels are ranked by the norms of all kernels that count them. */
const byNorm = v.parse(channelsParams, { importance: 'l2' });

/** The channels that are too many, the smallest in the teacher. */
function surplusUnits(model: Model, paramsOf: (id: WeightId) => StudentParams | undefined): UnitFlags {
  const graph = channelGraph(model);
  const answers = answerUnits(model, graph);
  const surplus: UnitFlags = new Uint8Array(graph.protections.length);
  for (const group of graph.groups) {
    const width = widthOf(group, paramsOf);
    if (width >= 1 || group.protection === 'input' || group.units.some((unit) => answers.has(unit))) continue;
    if (group.units.length === 1 && channelsOf(group) > 1) throw unscalable(group, 'mixed');
    const own = ranked(graph, group, byNorm, importanceOf(model, group, byNorm));
    const count = group.units.length - unitsKept(group, width);
    if (own.order.length < count) {
      throw unscalable(group, group.units.flatMap((unit) => graph.protections[unit] ?? []).at(0) ?? 'unknown');
    }
    for (const unit of leastOf(own, count)) surplus[unit] = 1;
  }
  return surplus;
}

/** The channels of the answers, which stay as many. */
function answerUnits(model: Model, { outputs }: ChannelGraph): Set<number> {
  const ends = model.nodes.filter((node) => node.outputs.some((id) => model.outputs.includes(id)));
  return new Set(ends.flatMap((node) => [...(outputs.get(node)?.units ?? [])]));
}

/** Channels of the widest kernel that makes a group. */
const channelsOf = ({ axes }: ChannelGroup): number =>
  Math.max(...axes.filter(({ use }) => use === 'makes').map(({ units }) => units.length));

/** Units left of a group; where each stands for several channels that go together, at least one. */
function unitsKept(group: ChannelGroup, width: number): number {
  const count = group.units.length;
  return channelsOf(group) === count ? narrowed(count, width) : Math.max(1, Math.round(width * count));
}

/** The largest width that any of a group's kernels asks for; 1 where one of them is no target. */
function widthOf({ axes }: ChannelGroup, paramsOf: (id: WeightId) => StudentParams | undefined): number {
  const own = axes.filter(({ use, role }) => use !== 'reads' && role.endsWith('kernel'));
  return Math.max(...own.map(({ weight }) => paramsOf(weight)?.width ?? 1));
}

const reasons: Readonly<Record<ChannelProtection, string>> = {
  input: 'they are joined with those of the input',
  output: 'they are joined with those of the answer',
  softmax: 'a softmax runs over them',
  broadcast: 'one of them is stretched over many others',
  attribute: 'a later layer has a setting for each of them',
  unknown: 'what a later layer does with them, or how many there are, is not known',
  mixed: 'a later layer lays them out anew, across each other',
  grid: 'they share scales',
  statistics: 'a normalization takes its mean over all of them',
};

function unscalable(group: ChannelGroup, reason: ChannelProtection): StudioError {
  const layer = group.makers[0]?.name ?? '';
  return new StudioError({
    code: 'DISTILL_STUDENT',
    title: `The layer "${layer}" can not be made narrower.`,
    detail: `It has ${channelsOf(group)} channels, and ${reasons[reason]}.`,
    hint: `Leave "${layer}" out of distill/student with "except", or take another model as student and this one as its teacher.`,
    context: { layer, reason },
  });
}
