/** Numbers to palette codes: one palette for the whole tensor, or one for each of `groups` runs of channels along an axis. */
import type { Rng } from '../../math/rng.ts';
import { axisStride, type CodebookEncoding, codebookGroup, decode } from '../../model/encoding.ts';
import { fixedLevels, kMeansLevels, middles, nearest, type PaletteKind } from './palette.ts';

export interface CodebookOptions {
  readonly palette: PaletteKind;
  readonly bits: number;
  readonly axis: number | null;
  /** Runs of channels with an own palette; 1 where `axis` is null. */
  readonly groups: number;
}

export interface CodedPalette {
  readonly encoding: CodebookEncoding;
  readonly values: Float32Array;
}

/** The number of runs that really come about when `size` channels are split into `asked` equal runs. */
export function groupCount(size: number, asked: number): number {
  return Math.ceil(size / Math.ceil(size / Math.min(asked, size)));
}

/** Codes a tensor of finite values; where a mask is given its zeros stay zero. */
export function codeCodebook(
  values: Float32Array,
  shape: readonly number[],
  options: CodebookOptions,
  mask: Uint8Array | undefined,
  rng: Rng,
): CodedPalette {
  const { palette, bits, axis, groups } = options;
  const width = 2 ** bits;
  const centroids = new Float32Array(groups * width);
  const codes = new Uint8Array(values.length);
  for (let group = 0; group < groups; group++) {
    const runs = runsOf(shape, axis, group, groups);
    const kept = keptSorted(values, mask, runs);
    const levels = palette === 'k-means' ? kMeansLevels(kept, bits, mask !== undefined, rng) : fixedLevels(palette, kept, bits);
    const row = centroids.subarray(group * width, (group + 1) * width);
    row.fill(levels[levels.length - 1] as number).set(levels);
    assign(values, mask, runs, levels, codes);
  }
  const encoding: CodebookEncoding = { kind: 'codebook', palette, bits, axis, groups, centroids, codes };
  return { encoding, values: decode(encoding, shape) };
}

/** [start, end) of each stretch of memory that belongs to a group. */
type Runs = readonly (readonly [number, number])[];

function runsOf(shape: readonly number[], axis: number | null, group: number, groups: number): Runs {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (axis === null) return [[0, elements]];
  const size = shape[axis] ?? 1;
  const stride = axisStride(shape, axis);
  const members = Array.from({ length: size }, (_, index) => index).filter(
    (index) => codebookGroup(index, size, groups) === group,
  );
  const first = (members[0] ?? 0) * stride;
  const length = members.length * stride;
  return Array.from({ length: elements / (size * stride) }, (_, block) => {
    const start = block * size * stride + first;
    return [start, start + length] as const;
  });
}

function keptSorted(values: Float32Array, mask: Uint8Array | undefined, runs: Runs): Float32Array {
  const kept = new Float32Array(runs.reduce((sum, [start, end]) => sum + end - start, 0));
  let count = 0;
  for (const [start, end] of runs) {
    for (let i = start; i < end; i++) if (mask === undefined || mask[i] === 1) kept[count++] = values[i] as number;
  }
  return kept.subarray(0, count).sort();
}

function assign(values: Float32Array, mask: Uint8Array | undefined, runs: Runs, levels: Float32Array, codes: Uint8Array): void {
  const bounds = middles(levels);
  const zero = levels.indexOf(0);
  for (const [start, end] of runs) {
    for (let i = start; i < end; i++) codes[i] = mask?.[i] === 0 ? zero : nearest(values[i] as number, bounds);
  }
}
