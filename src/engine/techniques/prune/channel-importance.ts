/**
 * How much the channels of a group matter, from weights alone. Every tensor that counts them has its say: its norm per channel over the
 * mean of these norms, averaged over the tensors (Fang et al. 2023, eq. 4), so that a large reader does not outvote a small maker.
 *
 *   l1, l2     Σ|w|, √Σw² of a channel's slice of every kernel, those that read it included (Li et al. 2017)
 *   bn-scale   |γ| of the normalizations it passes through (Liu et al. 2017, "Network Slimming"); l2 where there is none
 *   median     Σⱼ ‖wᵢ − wⱼ‖: how far its filter is from all others of its kernel (He et al. 2019, "FPGM")
 *   activation √Σ E[x²]·w²: the energy of what a channel adds to its readers, from data; l2 without any (cf. Sun et al. 2024, "Wanda")
 *   taylor     what the loss would change by without a channel, from data (channel-taylor.ts); l2 without any
 *   random     the baseline
 */
import { createRng } from '../../math/rng.ts';
import { axisStride } from '../../model/encoding.ts';
import type { Model, Weight } from '../../model/model.ts';
import type { ChannelGroup, CountedAxis } from '../../structure/channel-graph.ts';
import type { Study } from './channel-study.ts';
import type { ChannelsParams } from './channels-params.ts';

type Measure = (weight: Weight, axis: number) => Float64Array;

/** Importance by what reaches the readers of a group; undefined where none of them was studied. */
export function energyOf(model: Model, { units, axes }: ChannelGroup, { readers }: Study): Float64Array | undefined {
  const places = new Map(units.map((unit, place) => [unit, place]));
  const energy = new Float64Array(units.length);
  let heard = false;
  for (const { weight: id, node, use, units: counted } of axes) {
    const [weight, moments] = [model.weights.get(id), readers.get(node)];
    if (use !== 'reads' || weight === undefined || moments === undefined) continue;
    heard = true;
    const width = weight.values.length / moments.square.length;
    for (const [row, square] of moments.square.entries()) {
      const place = places.get(counted[row % counted.length] as number);
      if (place === undefined) continue;
      const own = weight.values.subarray(row * width, (row + 1) * width);
      energy[place] = (energy[place] as number) + square * own.reduce((sum, value) => sum + value * value, 0);
    }
  }
  return heard ? energy.map(Math.sqrt) : undefined;
}

/** What importance rests on. */
type Ranking = Pick<ChannelsParams, 'importance' | 'seed'>;

const known = new WeakMap<ChannelGroup, Map<string, Float64Array>>();

/** Importance of each of a group's units, in their order; the mean is 1 unless all are 0. Kept with the group. */
export function importanceOf(model: Model, group: ChannelGroup, params: Ranking): Float64Array {
  const own = known.get(group) ?? new Map<string, Float64Array>();
  known.set(group, own);
  const key = `${params.importance} ${params.seed}`;
  const result = own.get(key) ?? weighed(model, group, params);
  own.set(key, result);
  return result;
}

function weighed(model: Model, group: ChannelGroup, { importance, seed }: Ranking): Float64Array {
  if (importance === 'random') return randomOrder(group, seed);
  const kernels = group.axes.filter(({ role }) => role.endsWith('kernel'));
  const scales = group.axes.filter(({ role }) => role === 'gamma');
  if (importance === 'bn-scale' && scales.length > 0) return averaged(model, group, scales, absolutes);
  if (importance === 'median') {
    const makers = kernels.filter(({ use }) => use === 'makes');
    return averaged(model, group, makers, distances);
  }
  return averaged(model, group, kernels, importance === 'l1' ? absolutes : norms);
}

function randomOrder({ units, makers }: ChannelGroup, seed: number): Float64Array {
  const name = makers[0]?.name ?? '';
  let hash = seed;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) >>> 0;
  const rng = createRng(hash);
  return Float64Array.from(units, () => 2 * rng.next());
}

/** Mean over tensors of each unit's share of the tensor's mean. */
function averaged(model: Model, { units }: ChannelGroup, axes: readonly CountedAxis[], measure: Measure): Float64Array {
  const places = new Map(units.map((unit, place) => [unit, place]));
  const total = new Float64Array(units.length);
  const voices = new Float64Array(units.length);
  for (const { weight: id, axis, units: counted } of axes) {
    const weight = model.weights.get(id);
    if (weight === undefined) continue;
    const sums = new Float64Array(units.length);
    const present = new Uint8Array(units.length);
    const measured = kept(measure, weight, axis);
    for (const [index, unit] of counted.entries()) {
      const place = places.get(unit);
      if (place === undefined) continue;
      sums[place] = (sums[place] as number) + (measured[index] as number);
      present[place] = 1;
    }
    const members = present.reduce((count, is) => count + is, 0);
    const mean = sums.reduce((sum, value) => sum + value, 0) / members;
    for (let place = 0; place < units.length; place++) {
      if (present[place] === 0) continue;
      voices[place] = (voices[place] as number) + 1;
      total[place] = (total[place] as number) + (mean > 0 ? (sums[place] as number) / mean : 0);
    }
  }
  return total.map((sum, place) => sum / Math.max(1, voices[place] as number));
}

const measured = new WeakMap<Weight, Map<string, Float64Array>>();

/** What was measured of a tensor is kept with it: a slider asks again and again. */
function kept(measure: Measure, weight: Weight, axis: number): Float64Array {
  const own = measured.get(weight) ?? new Map<string, Float64Array>();
  measured.set(weight, own);
  const key = `${measure.name} ${axis}`;
  const result = own.get(key) ?? measure(weight, axis);
  own.set(key, result);
  return result;
}

/** Calls `visit` for each run of neighbouring values that belong to one index of the axis. */
function eachRun({ shape, values }: Weight, axis: number, visit: (index: number, from: number, to: number) => void): void {
  const stride = axisStride(shape, axis);
  const size = shape[axis] ?? 1;
  for (let from = 0, index = 0; from < values.length; from += stride, index = index + 1 === size ? 0 : index + 1) {
    visit(index, from, from + stride);
  }
}

function absolutes(weight: Weight, axis: number): Float64Array {
  const sums = new Float64Array(weight.shape[axis] ?? 1);
  eachRun(weight, axis, (index, from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += Math.abs(weight.values[i] as number);
    sums[index] = (sums[index] as number) + sum;
  });
  return sums;
}

function norms(weight: Weight, axis: number): Float64Array {
  const sums = new Float64Array(weight.shape[axis] ?? 1);
  eachRun(weight, axis, (index, from, to) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += (weight.values[i] as number) ** 2;
    sums[index] = (sums[index] as number) + sum;
  });
  return sums.map(Math.sqrt);
}

/** Sum of each index's Euclidean distances to all others; the kernel is laid out filter by filter first. */
function distances(weight: Weight, axis: number): Float64Array {
  const size = weight.shape[axis] ?? 1;
  const length = weight.values.length / size;
  const rows = Array.from({ length: size }, () => new Float32Array(length));
  const filled = new Uint32Array(size);
  eachRun(weight, axis, (index, from, to) => {
    const at = filled[index] as number;
    rows[index]?.set(weight.values.subarray(from, to), at);
    filled[index] = at + to - from;
  });
  const sums = new Float64Array(size);
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const distance = distanceOf(rows[a] as Float32Array, rows[b] as Float32Array);
      sums[a] = (sums[a] as number) + distance;
      sums[b] = (sums[b] as number) + distance;
    }
  }
  return sums;
}

function distanceOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return Math.sqrt(sum);
}
