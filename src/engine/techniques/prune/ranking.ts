/** Which weights a magnitude step prunes: exact thresholds for pools of tensors, and N:M patterns, as masks (1 = kept). */
import { patternsOf, smallestMagnitudes } from '../../math/select.ts';
import { axisStride } from '../../model/encoding.ts';
import type { WeightSlot } from '../../model/op.ts';
import type { Target } from '../../technique.ts';
import { lampScores, shareOut } from './lamp.ts';

export const patterns = ['unstructured', '2:4', '4:8'] as const;

export interface RankingParams {
  readonly sparsity: number;
  readonly ranking: 'global' | 'adaptive' | 'layer';
  readonly pattern: (typeof patterns)[number];
}

/** A magnitude threshold that targets share; `ties` counts down while masks are made in order. */
export interface PoolThreshold {
  readonly pattern: number;
  ties: number;
}

const unmasked = (target: Target<RankingParams>): Uint8Array =>
  target.weight.mask?.slice() ?? new Uint8Array(target.weight.values.length).fill(1);

/** The threshold of each target's pool: all targets of one sparsity that are ranked together, or a tensor alone. Targets with a pattern have none. */
export function thresholdsOf(targets: readonly Target<RankingParams>[]): Map<Target<RankingParams>, PoolThreshold> {
  const pools = new Map<string, Target<RankingParams>[]>();
  for (const target of targets) {
    const { ranking, sparsity, pattern } = target.params;
    if (pattern !== 'unstructured') continue;
    const key = ranking === 'layer' ? `${sparsity} ${target.id}` : `${sparsity} ${ranking}`;
    pools.set(key, [...(pools.get(key) ?? []), target]);
  }
  return new Map(
    [...pools.values()].flatMap((pool) => {
      if (pool[0]?.params.ranking === 'adaptive') return adaptiveThresholds(pool);
      const threshold = smallestMagnitudes(
        pool.map(({ weight }) => weight),
        leftToPrune(pool),
      );
      return pool.map((target) => [target, threshold] as const);
    }),
  );
}

/** Each tensor gives up as many of its smallest as have the least scores of all. */
function adaptiveThresholds(pool: readonly Target<RankingParams>[]): (readonly [Target<RankingParams>, PoolThreshold])[] {
  const scored = pool.map(({ weight: { values, mask } }) => {
    const magnitudes = mask === undefined ? values.map(Math.abs) : values.filter((_, i) => mask[i] !== 0).map(Math.abs);
    return { scores: lampScores(magnitudes.sort()), weight: 1 };
  });
  const counts = shareOut(scored, leftToPrune(pool));
  return pool.map((target, at) => [target, smallestMagnitudes([target.weight], counts[at] ?? 0)] as const);
}

/** The weights that a pool has yet to give up. */
function leftToPrune(pool: readonly Target<RankingParams>[]): number {
  let elements = 0;
  let pruned = 0;
  for (const { weight } of pool) {
    elements += weight.values.length;
    for (const kept of weight.mask ?? []) pruned += 1 - kept;
  }
  const wanted = Math.round((pool[0]?.params.sparsity ?? 0) * elements);
  return Math.max(wanted - pruned, 0);
}

/** The mask below a threshold; weights pruned before stay pruned. */
export function maskBelow(target: Target<RankingParams>, threshold: PoolThreshold): Uint8Array {
  const mask = unmasked(target);
  const bits = patternsOf(target.weight.values);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const pattern = (bits[i] as number) & 0x7fffffff;
    if (pattern < threshold.pattern) mask[i] = 0;
    else if (pattern === threshold.pattern && threshold.ties > 0) {
      threshold.ties--;
      mask[i] = 0;
    }
  }
  return mask;
}

/** How an N:M pattern lies in a tensor: blocks of `block` along `axis`, of which half stay. */
export function patternLayout({ shape, channelAxis }: WeightSlot, pattern: '2:4' | '4:8') {
  const block = pattern === '2:4' ? 4 : 8;
  const axis = channelAxis === shape.length - 1 && shape.length > 1 ? shape.length - 2 : shape.length - 1;
  const size = shape[axis] ?? 1;
  const whole = Math.floor(size / block) * block;
  return { block, axis, size, whole, share: whole / 2 / size };
}

/** The mask of an N:M pattern, or with a `share` below 1 of the way there: so much of the half that goes, rounded to whole weights. */
export function maskOfPattern(target: Target<RankingParams>, pattern: '2:4' | '4:8', share = 1): Uint8Array {
  const { block, axis, size, whole } = patternLayout(target.slot, pattern);
  const count = Math.round((share * block) / 2);
  const mask = unmasked(target);
  const { values } = target.weight;
  const stride = axisStride(target.slot.shape, axis);
  for (let outer = 0; outer < values.length; outer += size * stride) {
    for (let inner = outer; inner < outer + stride; inner++) {
      for (let first = 0; first < whole; first += block)
        pruneLeast(values, mask, { start: inner + first * stride, stride, block, count });
    }
  }
  return mask;
}

/** Clears the mask of the `count` smallest of `block` elements from `start` on; pruned ones rank lowest, ties go by order. */
function pruneLeast(
  values: Float32Array,
  mask: Uint8Array,
  { start, stride, block, count }: Readonly<Record<'start' | 'stride' | 'block' | 'count', number>>,
): void {
  const rank = (index: number) => (mask[index] === 0 ? -1 : Math.abs(values[index] as number));
  const members = Array.from({ length: block }, (_, i) => start + i * stride).sort((a, b) => rank(a) - rank(b) || a - b);
  for (const index of members.slice(0, count)) mask[index] = 0;
}
