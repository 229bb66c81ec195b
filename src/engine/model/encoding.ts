/**
 * How a stored tensor is represented: the first-class value of compression. A weight carries its codes and grid, so that every
 * size is counted from what would be written, exporters write the codes themselves, and later steps keep what earlier ones achieved.
 *
 *   affine     value = fround(code · scale[c] + min[c])     (TF.js manifest form; zero point = −min / scale)
 *   codebook   value = centroids[g · 2^bits + code]
 *
 * `min` is kept beside the scale instead of an integer zero point because the TF.js converter leaves a range that
 * does not cover zero un-nudged; where the range covers zero, −min/scale is an integer and zero is exact.
 */

export type FloatEncoding = { readonly kind: 'float32' } | { readonly kind: 'float16' };

export interface AffineEncoding {
  readonly kind: 'affine';
  /** 1–8 or 16. */
  readonly bits: number;
  readonly symmetric: boolean;
  /** The axis of the weight that has one scale per index (output channels), or null for one scale per tensor. */
  readonly axis: number | null;
  /**
   * Weights of one channel that share a scale, in row-major order; `axis` is then the last one, and the scales are [groups, channels].
   * Absent where a channel has one scale.
   */
  readonly group?: number;
  /** Length 1, the size of `axis`, or groups × channels. Positive. */
  readonly scale: Float64Array;
  /** Value of code 0, same length as `scale`. */
  readonly min: Float64Array;
  /** 0 … 2^bits − 1, row-major as the values. */
  readonly codes: Uint8Array | Uint16Array;
}

export interface CodebookEncoding {
  readonly kind: 'codebook';
  readonly palette: 'k-means' | 'nf4' | 'power-of-two';
  readonly bits: number;
  /** The axis whose indices are split into `groups` runs of equal length (the last may be shorter), or null for one palette per tensor. */
  readonly axis: number | null;
  readonly groups: number;
  /** [groups, 2^bits], ascending within each group; unused entries repeat the last used one. */
  readonly centroids: Float32Array;
  readonly codes: Uint8Array;
}

export type Encoding = FloatEncoding | AffineEncoding | CodebookEncoding;

export const float32: Encoding = { kind: 'float32' };

/** Elements between two neighbours along `axis` of a row-major tensor. */
export function axisStride(shape: readonly number[], axis: number): number {
  let stride = 1;
  for (let dimension = axis + 1; dimension < shape.length; dimension++) stride *= shape[dimension] ?? 1;
  return stride;
}

/** The group of a codebook that an index along its axis belongs to. */
export function codebookGroup(index: number, size: number, groups: number): number {
  return Math.floor(index / Math.ceil(size / groups));
}

/** Where the scale of a weight stands among the scales of its tensor, by the weight's place in row-major order. */
export function scaleIndexOf(
  { axis, group, scale }: Pick<AffineEncoding, 'axis' | 'group' | 'scale'>,
  shape: readonly number[],
): (at: number) => number {
  if (axis === null) return () => 0;
  const stride = axisStride(shape, axis);
  const size = shape[axis] ?? 1;
  if (group === undefined) return (at) => Math.floor(at / stride) % scale.length;
  return (at) => Math.floor(at / (size * group)) * size + (at % size);
}

/** The float32 values that an encoding with codes stands for, row-major. */
export function decode(encoding: AffineEncoding | CodebookEncoding, shape: readonly number[]): Float32Array {
  if (encoding.kind === 'affine' && encoding.group !== undefined) return decodeGroups(encoding, shape);
  const values = new Float32Array(encoding.codes.length);
  const { codes, axis } = encoding;
  const stride = axis === null ? values.length : axisStride(shape, axis);
  const size = axis === null ? 1 : (shape[axis] ?? 1);
  for (let start = 0, index = 0; start < values.length; start += stride, index = (index + 1) % size) {
    const end = Math.min(start + stride, values.length);
    if (encoding.kind === 'affine') {
      const scale = encoding.scale[index] ?? 1;
      const min = encoding.min[index] ?? 0;
      for (let i = start; i < end; i++) values[i] = (codes[i] as number) * scale + min;
    } else {
      const base = codebookGroup(index, size, encoding.groups) << encoding.bits;
      for (let i = start; i < end; i++) values[i] = encoding.centroids[base + (codes[i] as number)] as number;
    }
  }
  return values;
}

function decodeGroups(encoding: AffineEncoding, shape: readonly number[]): Float32Array {
  const { codes, scale, min } = encoding;
  const indexOf = scaleIndexOf(encoding, shape);
  return Float32Array.from(codes, (code, at) => {
    const index = indexOf(at);
    return code * (scale[index] as number) + (min[index] as number);
  });
}

/** Bits that the bit-packed payload of an encoding takes for one tensor: codes plus scales, minima or centroids as float32. */
export function payloadBits(encoding: Encoding, elements: number): number {
  switch (encoding.kind) {
    case 'float32':
      return 32 * elements;
    case 'float16':
      return 16 * elements;
    case 'affine':
      return encoding.bits * elements + encoding.scale.length * (encoding.symmetric ? 32 : 64);
    case 'codebook':
      return encoding.bits * elements + encoding.centroids.length * 32;
  }
}
