/**
 * Numbers to codes on uniform grids, one grid per channel. Symmetric codes are rint(w / scale); asymmetric ones follow the TF.js
 * converter to the bit, which computes rint((clip(w) − min) / scale) in float32 (numpy 1.x: float32 arrays, float64 scalars).
 */
import { roundingMagic } from '../../math/rounding.ts';
import { type AffineEncoding, decode } from '../../model/encoding.ts';
import { type Channels, channelExtents, channelsOf, gatherChannel } from './channels.ts';
import { binaryGrid, type Grid, type GridKind, gridOf, topCode } from './grid.ts';
import { type RangeRule, rangeOf } from './range.ts';

export interface AffineOptions extends GridKind {
  readonly axis: number | null;
  /** Weights of a channel that share a scale; channels are then the last axis. Undefined: all of the channel. */
  readonly group?: number | undefined;
  readonly range: RangeRule;
  /** Used by the percentile rule, 0–100. */
  readonly percentile: number;
  /** The grid must have zero among its levels, because pruned weights stay zero. */
  readonly holdsZero: boolean;
}

export interface Coded {
  readonly encoding: AffineEncoding;
  readonly values: Float32Array;
}

/** Codes a tensor of finite values. */
export function codeAffine(values: Float32Array, shape: readonly number[], options: AffineOptions): Coded {
  const { group, ...whole } = options;
  return group === undefined ? codeWhole(values, shape, whole) : codeGroups(values, shape, whole, group);
}

/** Group-wise grids: each run of `group` rows of the tensor, seen as [rows, channels], is coded by itself. */
function codeGroups(values: Float32Array, shape: readonly number[], options: AffineOptions, group: number): Coded {
  const channels = shape.at(-1) ?? 1;
  const { axis, bits, symmetric } = options;
  const groups = Math.ceil(values.length / (group * channels));
  const codes = bits > 8 ? new Uint16Array(values.length) : new Uint8Array(values.length);
  const decoded = new Float32Array(values.length);
  const [scale, min] = [new Float64Array(groups * channels), new Float64Array(groups * channels)];
  for (let at = 0, start = 0; at < groups; at++, start += group * channels) {
    const part = values.subarray(start, start + group * channels);
    const coded = codeWhole(part, [part.length / channels, channels], { ...options, axis: 1 });
    codes.set(coded.encoding.codes, start);
    decoded.set(coded.values, start);
    scale.set(coded.encoding.scale, at * channels);
    min.set(coded.encoding.min, at * channels);
  }
  return { encoding: { kind: 'affine', bits, symmetric, axis, group, scale, min, codes }, values: decoded };
}

function codeWhole(values: Float32Array, shape: readonly number[], options: AffineOptions): Coded {
  const channels = channelsOf(shape, options.axis);
  const { scale, min } = gridsOf(values, channels, options);
  const codes = options.bits > 8 ? new Uint16Array(values.length) : new Uint8Array(values.length);
  const encoding: AffineEncoding = {
    kind: 'affine',
    bits: options.bits,
    symmetric: options.symmetric,
    axis: options.axis,
    scale,
    min,
    codes,
  };
  if (!options.symmetric) {
    codeAsymmetric(values, codes, channels, encoding, topCode(options));
    return { encoding, values: decode(encoding, shape) };
  }
  if (options.bits === 1) {
    for (let i = 0; i < values.length; i++) codes[i] = (values[i] as number) >= 0 ? 1 : 0;
    return { encoding, values: decode(encoding, shape) };
  }
  const within = options.range === 'min-max' ? values : clipped(values, channels, encoding, topCode(options));
  return { encoding, values: codeSymmetric(within, codes, channels, encoding) };
}

function gridsOf(values: Float32Array, channels: Channels, options: AffineOptions) {
  const scale = new Float64Array(channels.count);
  const min = new Float64Array(channels.count);
  const { low, high } = channelExtents(values, channels);
  const scratch = new Float32Array(options.range === 'min-max' && options.bits > 1 ? 0 : channels.size);
  for (let channel = 0; channel < channels.count; channel++) {
    if (scratch.length > 0) gatherChannel(values, channels, channel, scratch);
    const full = { low: low[channel] as number, high: high[channel] as number };
    const grid = gridFor(scratch, full, options);
    scale[channel] = grid.scale;
    min[channel] = grid.min;
  }
  return { scale, min };
}

function gridFor(values: Float32Array, full: { low: number; high: number }, options: AffineOptions): Grid {
  if (options.symmetric && options.bits === 1) {
    let sum = 0;
    for (const value of values) sum += Math.abs(value);
    return binaryGrid(sum / values.length);
  }
  const whole = options.holdsZero ? { low: Math.min(full.low, 0), high: Math.max(full.high, 0) } : full;
  const chosen = rangeOf(values, whole, options.range, options.percentile, options);
  // A rule that clips everything away (nearly all values equal) has nothing to say; min-max then stands.
  const range = chosen.low < chosen.high ? chosen : whole;
  if (!options.holdsZero) return gridOf(range.low, range.high, options);
  return gridOf(Math.min(range.low, 0), Math.max(range.high, 0), options);
}

/** Fills symmetric codes and returns the values they stand for, in one pass. Values must lie within the grid's levels. */
function codeSymmetric(
  values: Float32Array,
  codes: AffineEncoding['codes'],
  { count, stride }: Channels,
  { scale, min }: AffineEncoding,
): Float32Array {
  const decoded = new Float32Array(values.length);
  const inverse = scale.map((step) => 1 / step);
  const zero = Math.round(-(min[0] as number) / (scale[0] as number));
  if (stride === 1) {
    codeRows(values, codes, decoded, scale, inverse, zero);
    return decoded;
  }
  for (let start = 0, channel = 0; start < values.length; start += stride, channel = (channel + 1) % count) {
    const step = scale[channel] as number;
    const perStep = inverse[channel] as number;
    for (let i = start; i < start + stride; i++) {
      const level = (values[i] as number) * perStep + roundingMagic - roundingMagic;
      codes[i] = level + zero;
      decoded[i] = level * step + 0;
    }
  }
  return decoded;
}

/** The same where channels are the last axis, as in most kernels: row after row, each with all scales. */
function codeRows(
  values: Float32Array,
  codes: AffineEncoding['codes'],
  decoded: Float32Array,
  scale: Float64Array,
  inverse: Float64Array,
  zero: number,
): void {
  const count = scale.length;
  for (let row = 0; row < values.length; row += count) {
    for (let channel = 0, i = row; channel < count; channel++, i++) {
      const level = (values[i] as number) * (inverse[channel] as number) + roundingMagic - roundingMagic;
      codes[i] = level + zero;
      // Adding zero turns −0, which no code stands for, into 0.
      decoded[i] = level * (scale[channel] as number) + 0;
    }
  }
}

/** A copy in which values beyond a clipped range stand at its ends. */
function clipped(values: Float32Array, { count, stride }: Channels, { scale, min }: AffineEncoding, top: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let start = 0, channel = 0; start < values.length; start += stride, channel = (channel + 1) % count) {
    const low = min[channel] as number;
    const high = top * (scale[channel] as number) + low;
    for (let i = start; i < start + stride; i++) result[i] = Math.max(low, Math.min(values[i] as number, high));
  }
  return result;
}

function codeAsymmetric(
  values: Float32Array,
  codes: AffineEncoding['codes'],
  { count, stride }: Channels,
  { scale, min }: AffineEncoding,
  top: number,
): void {
  for (let start = 0, channel = 0; start < values.length; start += stride, channel = (channel + 1) % count) {
    const low = Math.fround(min[channel] as number);
    const high = Math.fround(top * (scale[channel] as number) + (min[channel] as number));
    // A scale below float32's range would divide by zero; double then keeps the codes right.
    const step = Math.fround(scale[channel] as number) || (scale[channel] as number);
    for (let i = start; i < start + stride; i++) {
      const value = values[i] as number;
      const clipped = Math.max(low, Math.min(value, high));
      codes[i] = Math.fround(Math.fround(clipped - low) / step) + roundingMagic - roundingMagic;
    }
  }
}
