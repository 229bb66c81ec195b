/**
 * Palettes while they are trained. A k-means palette keeps its codes and moves its centroids by the summed gradients of their members
 * (Han et al. 2016, "Deep Compression", §3); an entry that stands for zero stays zero. NF4 and powers of two are fixed levels: there the
 * codes move, each latent number to the level nearest to it, with a straight-through gradient.
 */
import { axisStride, type CodebookEncoding, codebookGroup, decode } from '../model/encoding.ts';
import type { Weight } from '../model/model.ts';
import { middles, nearest } from '../techniques/quantize/palette.ts';
import type { Parameter } from './optimizer.ts';
import { clearPruned, type TrainableWeight } from './weight.ts';

/** The group of each element, row-major. */
function groupsOf({ axis, groups, codes }: CodebookEncoding, shape: readonly number[]): (index: number) => number {
  if (axis === null || groups === 1) return () => 0;
  const stride = axisStride(shape, axis);
  const size = shape[axis] ?? 1;
  const of = Uint16Array.from(codes, (_, i) => codebookGroup(Math.floor(i / stride) % size, size, groups));
  return (index) => of[index] as number;
}

/** A tensor on a palette. */
export function paletteWeight(weight: Weight, encoding: CodebookEncoding): TrainableWeight {
  return encoding.palette === 'k-means' ? centroidWeight(weight, encoding) : levelWeight(weight, encoding);
}

function centroidWeight({ shape, mask: given }: Weight, encoding: CodebookEncoding): TrainableWeight {
  const { bits, codes } = encoding;
  const own: Parameter = { values: encoding.centroids.slice(), decays: false };
  const fixed = Uint8Array.from(own.values, (centroid) => (centroid === 0 ? 0 : 1));
  const groupOf = groupsOf(encoding, shape);
  const entries = Uint32Array.from(codes, (code, i) => (groupOf(i) << bits) + code);
  const values = new Float32Array(codes.length);
  return {
    shape,
    parameters: [own],
    mask: given,
    latent: values,
    values() {
      const centroids = own.values;
      for (let i = 0; i < values.length; i++) values[i] = centroids[entries[i] as number] as number;
      return values;
    },
    gradients(slope) {
      const sums = new Float64Array(own.values.length);
      for (let i = 0; i < slope.length; i++) {
        const entry = entries[i] as number;
        sums[entry] = (sums[entry] as number) + (slope[i] as number);
      }
      return [clearPruned(Float32Array.from(sums), fixed)];
    },
    encode() {
      const sorted = ascending({ ...encoding, centroids: own.values.slice() }, entries);
      return { shape, encoding: sorted, values: decode(sorted, shape), ...(this.mask ? { mask: this.mask } : {}) };
    },
  };
}

/** The same values with ascending entries in each group; entries that nothing uses repeat the last one. */
function ascending(encoding: CodebookEncoding, entries: Uint32Array): CodebookEncoding {
  const { bits, groups } = encoding;
  const used = new Uint8Array(encoding.centroids.length);
  for (const entry of entries) used[entry] = 1;
  const centroids = new Float32Array(encoding.centroids.length);
  const place = new Uint8Array(encoding.centroids.length);
  for (let group = 0; group < groups; group++) {
    const first = group << bits;
    const row = encoding.centroids.subarray(first, (group + 1) << bits);
    const levels = [...new Set(row.filter((_, code) => used[first + code] === 1))].sort((a, b) => a - b);
    centroids.fill(levels.at(-1) ?? 0, first, (group + 1) << bits).set(levels, first);
    row.forEach((level, code) => {
      place[first + code] = Math.max(levels.indexOf(level), 0);
    });
  }
  return { ...encoding, centroids, codes: Uint8Array.from(entries, (entry) => place[entry] as number) };
}

function levelWeight({ shape, values: start, mask: given }: Weight, encoding: CodebookEncoding): TrainableWeight {
  const { bits, groups, centroids } = encoding;
  const own: Parameter = { values: start.slice(), decays: false };
  const values = new Float32Array(start.length);
  const codes = encoding.codes.slice();
  const groupOf = groupsOf(encoding, shape);
  const rows = Array.from({ length: groups }, (_, group) => {
    const row = centroids.subarray(group << bits, (group + 1) << bits);
    return row.subarray(0, row.indexOf(row.at(-1) as number) + 1);
  });
  const bounds = rows.map(middles);
  const zeros = rows.map((row) => row.indexOf(0));
  return {
    shape,
    parameters: [own],
    mask: given,
    get latent() {
      return own.values;
    },
    values() {
      const latent = own.values;
      for (let i = 0; i < latent.length; i++) {
        const group = groupOf(i);
        const pruned = this.mask?.[i] === 0;
        const code = pruned ? (zeros[group] as number) : nearest(latent[i] as number, bounds[group] as Float64Array);
        codes[i] = code;
        values[i] = (rows[group] as Float32Array)[code] as number;
      }
      return values;
    },
    gradients(slope) {
      return [clearPruned(slope, this.mask)];
    },
    encode() {
      this.values();
      const stored = { ...encoding, codes: codes.slice() };
      return { shape, encoding: stored, values: decode(stored, shape), ...(this.mask ? { mask: this.mask } : {}) };
    },
  };
}
