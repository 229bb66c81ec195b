/**
 * Sharing out a saving of work over the coupled groups, from the table of what each loses alone: AIMET's greedy selection. Losses are
 * first made monotone in the share (what more channels lose, fewer may), then one limit holds for all groups, each of which gives the
 * largest share within it, and the least limit that saves enough is found by bisection. What it saves beyond that is given back, the
 * group that loses most first. Work is counted exactly, all groups together.
 */
import type { Model } from '../model/model.ts';
import type { Recipe } from '../recipe.ts';
import { channelGraph } from '../structure/channel-graph.ts';
import { chooseByGroup, macsWithout } from '../techniques/prune/channel-choice.ts';
import { type ChannelCell, makersOf, openChannels } from './channel-table.ts';

/** A group of the table: the layers that make its channels, and its cells in ascending order of their shares. */
export interface MeasuredGroup {
  readonly makers: readonly string[];
  readonly cells: readonly ChannelCell[];
}

export interface Allocation {
  readonly shares: readonly { readonly makers: readonly string[]; readonly share: number }[];
  /** Share of the multiply-accumulates that it removes, 0–1; less than asked where even the largest shares save less. */
  readonly saved: number;
  readonly reached: boolean;
  /** No group alone is expected to diverge by more. */
  readonly limit: number;
}

interface Option {
  readonly share: number;
  readonly loss: number;
}

/** Ascending options of a group, from leaving it whole; the loss never falls as the share grows. */
function optionsOf({ cells }: MeasuredGroup): Option[] {
  const options: Option[] = [{ share: 0, loss: 0 }];
  let highest = 0;
  let removed = 0;
  for (const cell of cells) {
    highest = Math.max(highest, cell.loss);
    // A share that cap or rounding cuts down to the one before costs as much and saves nothing.
    if (cell.removed > removed) options.push({ share: cell.share, loss: highest });
    removed = Math.max(removed, cell.removed);
  }
  return options;
}

const within = (options: readonly Option[], limit: number): Option => options.findLast(({ loss }) => loss <= limit) as Option;

/**
 * Shares of the groups' channels that remove at least `target` of the work, 0–1. Groups without cells stay whole. Null where the recipe
 * removes no channels. Throws RECIPE_*, RECIPE_MACS_UNKNOWN where the input size is open.
 */
export function allocateChannels(
  original: Model,
  recipe: Recipe,
  table: readonly MeasuredGroup[],
  target: number,
): Allocation | null {
  const open = openChannels(original, recipe);
  if (open === null) return null;
  const { model, targets, params, groups } = open;
  const keyOf = (makers: readonly string[]) => makers.join('\n');
  const measured = new Map(table.map((group) => [keyOf(group.makers), optionsOf(group)]));
  const known = groups.flatMap((group) => {
    const options = measured.get(keyOf(makersOf(group)));
    return options === undefined ? [] : [{ group, options }];
  });
  const graph = channelGraph(model);
  const all = macsWithout(model, graph, new Uint8Array(graph.protections.length));
  const savedBy = (choice: readonly Option[]): number => {
    const shares = new Map(known.map(({ group }, i) => [group, choice[i]?.share]));
    const { removed } = chooseByGroup(model, targets, params, (group) => shares.get(group));
    return all === 0 ? 0 : 1 - macsWithout(model, graph, removed) / all;
  };
  const at = (limit: number) => known.map(({ options }) => within(options, limit));
  const limits = [...new Set(known.flatMap(({ options }) => options.map(({ loss }) => loss)))].sort((a, b) => a - b);
  let [low, high] = [0, Math.max(0, limits.length - 1)];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (savedBy(at(limits[middle] ?? 0)) >= target) high = middle;
    else low = middle + 1;
  }
  const choice = at(limits[high] ?? 0);
  const reached = savedBy(choice) >= target;
  if (reached) giveBack(choice, known, (candidate) => savedBy(candidate) >= target);
  return {
    shares: known.map(({ group }, i) => ({ makers: makersOf(group), share: choice[i]?.share ?? 0 })),
    saved: savedBy(choice),
    reached,
    limit: choice.reduce((most, { loss }) => Math.max(most, loss), 0),
  };
}

/** Steps groups down, the costliest first, for as long as enough is saved. */
function giveBack(
  choice: Option[],
  known: readonly { readonly options: readonly Option[] }[],
  isEnough: (choice: readonly Option[]) => boolean,
): void {
  const order = [...choice.keys()].sort((a, b) => (choice[b]?.loss ?? 0) - (choice[a]?.loss ?? 0));
  for (const i of order) {
    const options = known[i]?.options ?? [];
    for (;;) {
      const lower = options[options.indexOf(choice[i] as Option) - 1];
      if (lower === undefined || !isEnough(choice.with(i, lower))) break;
      choice[i] = lower;
    }
  }
}
