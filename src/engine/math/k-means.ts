/**
 * One-dimensional k-means on sorted values: clusters are intervals, so a Lloyd step needs only k binary searches in prefix sums
 * and is exact. Started from k-means++ (Arthur & Vassilvitskii 2007, on at most 4,096 equal-count points) and from centroids
 * that the caller gives; while it helps, two neighbours are merged and the widest cluster is split (a way out of local optima).
 * The best start wins, so the result is never worse than any given start.
 */
import type { Rng } from './rng.ts';

export interface Clusters {
  /** Ascending; at most as many as asked for, fewer where there are fewer distinct values. */
  readonly centroids: Float64Array;
  /** Sum of squared distances of the values to their centroid. */
  readonly inertia: number;
}

export interface ClusterOptions {
  /** Keeps one centroid at exactly zero. */
  readonly zero: boolean;
  readonly starts: readonly ArrayLike<number>[];
  readonly rng: Rng;
}

interface Sums {
  readonly sorted: Float32Array;
  /** sum[i] and squares[i] cover the first i values. */
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

const seedings = 4;
const seedPoints = 4096;
const maxIterations = 300;

/** Clusters ascending values into at most `count` intervals. */
export function kMeans(sorted: Float32Array, count: number, { zero, starts, rng }: ClusterOptions): Clusters {
  const distinct = distinctUpTo(sorted, count, zero);
  if (distinct !== null) return { centroids: distinct, inertia: 0 };
  const sums = prefixSums(sorted);
  const candidates: Float64Array[] = starts.map((start) => Float64Array.from(start));
  for (let seeding = 0; seeding < seedings; seeding++) candidates.push(plusPlus(sums, count, zero, rng));
  let best: Clusters | undefined;
  for (const start of candidates) {
    const clusters = relocate(sums, lloyd(sums, start.sort(), zero), zero);
    if (best === undefined || clusters.inertia < best.inertia) best = clusters;
  }
  return best ?? { centroids: new Float64Array(count), inertia: 0 };
}

/** The distinct values where they fit into `count`, else null. */
function distinctUpTo(sorted: Float32Array, count: number, zero: boolean): Float64Array | null {
  const distinct = new Set<number>(zero ? [0] : []);
  for (const value of sorted) {
    distinct.add(value + 0);
    if (distinct.size > count) return null;
  }
  return Float64Array.from(distinct).sort();
}

function prefixSums(sorted: Float32Array): Sums {
  const sum = new Float64Array(sorted.length + 1);
  const squares = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i] as number;
    sum[i + 1] = (sum[i] as number) + value;
    squares[i + 1] = (squares[i] as number) + value * value;
  }
  return { sorted, sum, squares };
}

/** k-means++ on equal-count points: each next centroid is drawn with probability proportional to the squared distance. */
function plusPlus(sums: Sums, count: number, zero: boolean, rng: Rng): Float64Array {
  const { length } = sums.sorted;
  const points = Math.min(seedPoints, length);
  const at = Float64Array.from({ length: points }, (_, i) => {
    const from = Math.floor((i * length) / points);
    const to = Math.floor(((i + 1) * length) / points);
    return mean(sums, from, to);
  });
  const distance = new Float64Array(points).fill(Number.POSITIVE_INFINITY);
  const centroids = new Float64Array(count);
  for (let chosen = 0; chosen < count; chosen++) {
    const next = chosen === 0 ? (zero ? 0 : (at[rng.integer(points)] as number)) : (at[draw(distance, rng)] as number);
    centroids[chosen] = next;
    for (let i = 0; i < points; i++) distance[i] = Math.min(distance[i] as number, ((at[i] as number) - next) ** 2);
  }
  return centroids;
}

/** An index drawn with probability proportional to its weight. */
function draw(weights: Float64Array, rng: Rng): number {
  let total = 0;
  for (const weight of weights) total += weight;
  let left = rng.next() * total;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] as number;
    if (left < 0) return i;
  }
  return weights.length - 1;
}

/** The number of ascending values that are at most `limit`. */
function countUpTo(sorted: Float32Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where each interval ends: values up to the middle between two centroids belong to the lower one. */
function boundaries(sorted: Float32Array, centroids: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(centroids, (centroid, j) => {
    const next = centroids[j + 1];
    return next === undefined ? sorted.length : countUpTo(sorted, (centroid + next) / 2);
  });
}

function lloyd(sums: Sums, centroids: Float64Array, zero: boolean): Clusters {
  const count = centroids.length;
  let ends = new Float64Array(count);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const next = boundaries(sums.sorted, centroids);
    const moved = next.some((end, j) => end !== ends[j]);
    ends = next;
    if (!moved) break;
    recenter(sums, centroids, ends, zero);
  }
  let inertia = 0;
  for (let j = 0; j < count; j++) {
    inertia += spread(sums, j === 0 ? 0 : (ends[j - 1] as number), ends[j] as number, centroids[j] as number);
  }
  return { centroids, inertia: Math.max(0, inertia) };
}

/** Moves a centroid from where two neighbours can best be merged to where a split gains most, as long as the inertia falls. */
function relocate(sums: Sums, clusters: Clusters, zero: boolean): Clusters {
  let best = clusters;
  for (let move = 0; move < 2 * clusters.centroids.length; move++) {
    const moved = mergeAndSplit(sums, best.centroids, zero);
    const next = moved && lloyd(sums, moved, zero);
    if (next === null || next.inertia >= best.inertia * (1 - 1e-9)) break;
    best = next;
  }
  return best;
}

function mergeAndSplit(sums: Sums, centroids: Float64Array, zero: boolean): Float64Array | null {
  const ends = boundaries(sums.sorted, centroids);
  const startOf = (j: number) => (j === 0 ? 0 : (ends[j - 1] as number));
  const endOf = (j: number) => ends[j] as number;
  const errorOf = (j: number) => spread(sums, startOf(j), endOf(j), centroids[j] as number);
  const fixed = (j: number) => j >= centroids.length || (zero && centroids[j] === 0);
  const split = { at: -1, gain: 0, cut: 0 };
  const merge = { at: -1, cost: Number.POSITIVE_INFINITY };
  for (let j = 0; j < centroids.length; j++) {
    if (fixed(j)) continue;
    const [from, to] = [startOf(j), endOf(j)];
    const cut = countUpTo(sums.sorted, mean(sums, from, to));
    const gain = errorOf(j) - spread(sums, from, cut, mean(sums, from, cut)) - spread(sums, cut, to, mean(sums, cut, to));
    if (gain > split.gain && cut > from && cut < to) Object.assign(split, { at: j, gain, cut });
    if (fixed(j + 1)) continue;
    const cost = spread(sums, from, endOf(j + 1), mean(sums, from, endOf(j + 1))) - errorOf(j) - errorOf(j + 1);
    if (cost < merge.cost) Object.assign(merge, { at: j, cost });
  }
  if (split.at < 0 || merge.at < 0 || split.at === merge.at || split.at === merge.at + 1) return null;
  const moved = Float64Array.from(centroids);
  moved[merge.at] = mean(sums, startOf(merge.at), endOf(merge.at + 1));
  moved[merge.at + 1] = mean(sums, startOf(split.at), split.cut);
  moved[split.at] = mean(sums, split.cut, endOf(split.at));
  return moved.sort();
}

function mean({ sum }: Sums, from: number, to: number): number {
  return to === from ? 0 : ((sum[to] as number) - (sum[from] as number)) / (to - from);
}

/** Sum of squared distances of sorted[from … to) to a point. */
function spread({ sum, squares }: Sums, from: number, to: number, point: number): number {
  const total = (sum[to] as number) - (sum[from] as number);
  return (squares[to] as number) - (squares[from] as number) - 2 * point * total + (to - from) * point * point;
}

/** Moves centroids to the means of their intervals; an empty one takes the upper half of the widest-spread interval. */
function recenter(sums: Sums, centroids: Float64Array, ends: Float64Array, zero: boolean): void {
  let free = -1;
  let widest = -1;
  let most = 0;
  for (let j = 0; j < centroids.length; j++) {
    const from = j === 0 ? 0 : (ends[j - 1] as number);
    const to = ends[j] as number;
    if (zero && centroids[j] === 0) continue;
    if (from === to) {
      free = j;
      continue;
    }
    centroids[j] = mean(sums, from, to);
    const error = spread(sums, from, to, centroids[j] as number);
    if (error > most && sums.sorted[from] !== sums.sorted[to - 1]) {
      most = error;
      widest = j;
    }
  }
  if (free < 0 || widest < 0) return;
  centroids[free] = sums.sorted[(ends[widest] as number) - 1] as number;
  centroids.sort();
}
