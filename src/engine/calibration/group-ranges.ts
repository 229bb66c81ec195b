/** From what was seen of all groups of values to their grids, for the layers that a step works on. */
import type { ActivationGrid } from '../model/activation-grid.ts';
import { type ActivationGroup, fixedGrid } from '../model/activation-groups.ts';
import type { ValueId } from '../model/model.ts';
import type { ActivationRange, ChosenLayers } from '../technique.ts';
import type { WatchedGroup } from './calibrate.ts';
import { bins, type Histogram } from './histogram.ts';
import { clippedShare, type RangeOptions, rangeOf } from './ranges.ts';

type Options = Omit<RangeOptions, 'bits'> & { readonly bits: number };

export interface GroupRanges {
  readonly grids: ReadonlyMap<ValueId, ActivationGrid>;
  readonly ranges: readonly ActivationRange[];
  /** Layers whose values were not all finite. */
  readonly unseen: readonly string[];
}

/** The parameters of a group: those of its first layer that the step works on; undefined where "except" names any of its layers. */
function optionsOf({ layers }: ActivationGroup, chosen: ChosenLayers<Options>): Options | undefined {
  const own = [...layers].map((layer) => chosen.get(layer));
  return own.includes(null) ? undefined : (own.find((options) => options !== undefined && options !== null) ?? undefined);
}

/** Grids for all groups that the step works on, beside those that are there. A group part of which has a grid takes that one. */
export function groupRanges(
  groups: readonly WatchedGroup[],
  layers: ChosenLayers<Options>,
  before: ReadonlyMap<ValueId, ActivationGrid> | undefined,
): GroupRanges {
  const grids = new Map(before);
  const ranges: ActivationRange[] = [];
  const unseen: string[] = [];
  for (const watched of groups) {
    const { group, histogram } = watched;
    const options = optionsOf(group, layers);
    const [kept] = group.values.flatMap((value) => before?.get(value) ?? []);
    if (options === undefined) continue;
    if (histogram.notFinite > 0) unseen.push(group.layer);
    const bits = options.bits === 16 ? 16 : 8;
    const found =
      kept ?? (group.fixed === null ? { ...rangeOf(watched, { ...options, bits }), bits } : fixedGrid(group.fixed, bits));
    if (!(found.min <= found.max)) continue;
    const grid = { ...found, min: Math.min(found.min, 0), max: Math.max(found.max, 0) };
    for (const value of group.values) grids.set(value, kept ?? grid);
    const method = group.fixed !== null ? 'fixed' : kept !== undefined ? 'kept' : options.method;
    const { layer, values } = group;
    const seen = histogram.total === 0 ? {} : { seen: picture(histogram) };
    ranges.push({ layer, values, ...grid, method, clipped: clippedShare(histogram, grid), ...seen });
  }
  return { grids, ranges, unseen };
}

const pictureBins = 64;

/** The histogram in few bins, for a plot. */
function picture({ counts, first, width, zeros, min, max }: Histogram): NonNullable<ActivationRange['seen']> {
  const coarse = new Array<number>(pictureBins).fill(0);
  const add = (value: number, count: number) => {
    const at = max > min ? Math.floor(((value - min) / (max - min)) * pictureBins) : 0;
    const bin = Math.min(Math.max(at, 0), pictureBins - 1);
    coarse[bin] = (coarse[bin] as number) + count;
  };
  if (zeros > 0) add(0, zeros);
  for (let i = 0; i < bins; i++) if (counts[i] !== 0) add((first + i + 0.5) * width, counts[i] as number);
  return { min, max, counts: coarse };
}
