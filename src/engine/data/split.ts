/**
 * Exploring and testing on different samples, by construction. The rule: 40 % of the samples, at most 2,000, are for exploring, the rest
 * is the test part; drawn from a seed, in each class alone, so that both parts hold every class of two or more samples in the same
 * proportion. Classes of a single sample are shared out among themselves. Each part comes in random order: any first samples of
 * it are a fair draw. Both parts scale their inputs by the exploring part's statistics, so that nothing of the test part leaks.
 */
import { createRng, type Rng } from '../math/rng.ts';
import { elementCount } from '../model/model.ts';
import type { Dataset } from './dataset.ts';
import { measureStatistics } from './statistics.ts';

/** Share of the samples that is for exploring. */
export const exploreShare = 0.4;
/** The most samples for exploring. */
export const exploreLimit = 2000;

export interface Split {
  readonly explore: Dataset;
  /** Null where the data is a single sample. */
  readonly test: Dataset | null;
}

/**
 * Which samples are in which part, in random order; null where the data is too small for two. The same seed gives the same parts.
 * Another share than the rule's may be given, for training.
 */
export function splitIndices(
  dataset: Pick<Dataset, 'size' | 'labels'>,
  seed = 7,
  share = Math.min(exploreShare, exploreLimit / dataset.size),
): { readonly explore: Uint32Array; readonly test: Uint32Array } | null {
  const [explore, test] = shareOut(dataset, share, createRng(seed));
  return explore.length === 0 || test.length === 0 ? null : { explore, test };
}

/** Splits a dataset into an exploring (or training) and a test part; the same seed gives the same parts. */
export function splitDataset(dataset: Dataset, seed?: number, share?: number): Split {
  const parts = splitIndices(dataset, seed, share);
  if (parts === null) return { explore: dataset, test: null };
  const { explore, test } = parts;
  const exploring = subset(dataset, explore);
  return { explore: exploring, test: subset(dataset, test, exploring.statistics) };
}

/** A class-balanced draw of `count` samples, and what is left; null where nothing is. Both come in random order. */
export function draw(dataset: Dataset, count: number, seed = 7): { readonly drawn: Dataset; readonly rest: Dataset | null } {
  if (count >= dataset.size) return { drawn: dataset, rest: null };
  const [some, others] = shareOut(dataset, count / dataset.size, createRng(seed));
  const wanted = Uint32Array.from([...some, ...others]);
  const part = (from: number, to: number) => subset(dataset, wanted.subarray(from, to), dataset.statistics);
  return { drawn: part(0, count), rest: part(count, dataset.size) };
}

/**
 * A view of some samples of a dataset, in the order given; nothing is copied until a batch is asked for. `statistics` are its own
 * samples' unless others are given.
 */
export function subset(dataset: Dataset, indices: Uint32Array, statistics?: Dataset['statistics']): Dataset {
  const { name, kind, sampleShape, labels, classNames, targets, fit, channels } = dataset;
  const size = indices.length;
  const width = targets === undefined ? 0 : targets.length / dataset.size;
  const batch = (start: number, count: number, shape: readonly number[]) =>
    gather(dataset, indices.subarray(start, start + count), shape);
  let own: ReturnType<Dataset['statistics']> | undefined;
  return {
    name,
    kind,
    size,
    sampleShape,
    ...(labels === undefined ? {} : { labels: Int32Array.from(indices, (index) => labels[index] ?? 0) }),
    ...(classNames === undefined ? {} : { classNames }),
    ...(fit === undefined ? {} : { fit }),
    ...(channels === undefined ? {} : { channels }),
    ...(targets === undefined ? {} : { targets: rowsOf(targets, indices, width) }),
    batch,
    statistics:
      statistics ??
      (() => {
        own ??= statisticsOf(dataset, size, batch);
        return own;
      }),
  };
}

function rowsOf(values: Float32Array, indices: Uint32Array, width: number): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (const [row, index] of indices.entries()) rows.set(values.subarray(index * width, (index + 1) * width), row * width);
  return rows;
}

async function gather(dataset: Dataset, indices: Uint32Array, shape: readonly number[]): Promise<Float32Array> {
  const elements = elementCount(shape);
  const values = new Float32Array(indices.length * elements);
  for (let row = 0; row < indices.length; ) {
    const start = indices[row] ?? 0;
    let count = 1;
    while (indices[row + count] === start + count) count++;
    values.set(await dataset.batch(start, count, shape), row * elements);
    row += count;
  }
  return values;
}

/** Pictures of different sizes have no shape to measure in: their dataset decides. */
async function statisticsOf(dataset: Dataset, size: number, batch: Dataset['batch']): ReturnType<Dataset['statistics']> {
  const { sampleShape } = dataset;
  return sampleShape === null ? dataset.statistics() : measureStatistics({ size, batch }, sampleShape);
}

/** Indices of two parts of which the first has about `share` of every class, each part in random order. */
function shareOut(
  { size, labels }: Pick<Dataset, 'size' | 'labels'>,
  share: number,
  rng: Rng,
): readonly [Uint32Array, Uint32Array] {
  const first: number[] = [];
  const second: number[] = [];
  // What rounding left over is handed on to the next class, so that many small classes still give the wanted total.
  let owed = 0;
  for (const members of strataOf(size, labels)) {
    shuffle(members, rng);
    const wanted = members.length * share + owed;
    const count = Math.min(members.length - 1, Math.max(1, Math.round(wanted)));
    const taken = members.length === 1 ? Math.round(Math.min(1, Math.max(0, wanted))) : count;
    owed = wanted - taken;
    first.push(...members.slice(0, taken));
    second.push(...members.slice(taken));
  }
  return [Uint32Array.from(shuffle(first, rng)), Uint32Array.from(shuffle(second, rng))];
}

/** The samples of each class; those that are the only one of theirs come together, first. */
function strataOf(size: number, labels: Int32Array | undefined): number[][] {
  const classes = new Map<number, number[]>();
  for (let index = 0; index < size; index++) {
    const label = labels?.[index] ?? 0;
    const members = classes.get(label);
    if (members === undefined) classes.set(label, [index]);
    else members.push(index);
  }
  const strata = [...classes.values()];
  const lone = strata.filter(({ length }) => length === 1).flat();
  const others = strata.filter(({ length }) => length > 1);
  return lone.length === 0 ? others : [lone, ...others];
}

/** Fisher–Yates, in place. */
function shuffle(values: number[], rng: Rng): number[] {
  for (let last = values.length - 1; last > 0; last--) {
    const other = rng.integer(last + 1);
    [values[last], values[other]] = [values[other] ?? 0, values[last] ?? 0];
  }
  return values;
}
