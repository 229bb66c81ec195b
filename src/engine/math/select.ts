/**
 * The k smallest magnitudes among several arrays, exactly and in three passes without sorting: the bit pattern of |x| orders as |x|
 * does, so a histogram of its upper 16 bits and one of its lower 16 bits find the k-th smallest pattern.
 */

/** Elements with a pattern below `pattern` are among the smallest; of those equal to it, the first `ties` in order are. */
export interface Threshold {
  readonly pattern: number;
  readonly ties: number;
}

export interface Candidates {
  readonly values: Float32Array;
  /** Elements with 0 here do not take part. */
  readonly mask?: Uint8Array | undefined;
}

/** Bit patterns of an array's magnitudes are `patternsOf(values)[i] & 0x7fffffff`. */
export function patternsOf(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

/** The threshold below which exactly `count` magnitudes lie (ties taken by order). Values must be finite. */
export function smallestMagnitudes(arrays: readonly Candidates[], count: number): Threshold {
  const upper = countPatterns(arrays, (pattern) => pattern >>> 16, 0x8000);
  const high = rankIn(upper, count);
  const lower = countPatterns(arrays, (pattern) => (pattern >>> 16 === high.bucket ? pattern & 0xffff : -1), 0x10000);
  const low = rankIn(lower, high.left);
  return { pattern: high.bucket * 0x10000 + low.bucket, ties: low.left };
}

function countPatterns(arrays: readonly Candidates[], bucketOf: (pattern: number) => number, buckets: number): Float64Array {
  const counts = new Float64Array(buckets);
  for (const { values, mask } of arrays) {
    const patterns = patternsOf(values);
    for (let i = 0; i < patterns.length; i++) {
      if (mask?.[i] === 0) continue;
      const bucket = bucketOf((patterns[i] as number) & 0x7fffffff);
      if (bucket >= 0) counts[bucket] = (counts[bucket] as number) + 1;
    }
  }
  return counts;
}

/** The bucket that the count-th element falls into, and how many of that bucket's own are needed. */
function rankIn(counts: Float64Array, count: number): { bucket: number; left: number } {
  let left = count;
  let bucket = 0;
  for (; bucket < counts.length - 1 && left > (counts[bucket] as number); bucket++) left -= counts[bucket] as number;
  return { bucket, left };
}

const pattern = new Uint32Array(1);
const magnitude = new Float32Array(pattern.buffer);

/** The smallest float32 magnitude for which a predicate that stays true holds: 31 steps over bit patterns, so exact at any scale. */
export function leastMagnitude(holds: (magnitude: number) => boolean): number {
  let low = 0;
  let high = 0x7f800000;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    pattern[0] = middle;
    if (holds(magnitude[0] as number)) high = middle;
    else low = middle + 1;
  }
  pattern[0] = low;
  return magnitude[0] as number;
}
