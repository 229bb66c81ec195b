/**
 * Weights as TFLite stores them, value = scale[channel] · code with codes −127 … 127 and no zero point. Codes that a model already has are
 * taken as they are wherever they fit: code + min / scale must be a whole number, or a half for all (two levels ±a are codes ±1 of scale a).
 */
import { type AffineEncoding, scaleIndexOf } from '../../../model/encoding.ts';
import type { Weight } from '../../../model/model.ts';

export const largestCode = 127;

export interface SignedCodes {
  readonly codes: Int8Array;
  /** One, or one per index of the output channels. */
  readonly scale: Float64Array;
}

/** Where min / scale is whole up to the rounding of two doubles. */
const tolerance = 1e-6;

/** The weight's own codes in row-major order, their scales one or one per index of `axis`; null where TFLite can't hold them. */
export function ownCodes({ encoding, shape }: Weight, axis: number): SignedCodes | null {
  if (encoding.kind !== 'affine' || encoding.bits > 8 || encoding.group !== undefined) return null;
  if (encoding.axis !== null && encoding.axis !== axis) return null;
  const shifts = encoding.scale.map((scale, c) => (encoding.min[c] ?? 0) / scale);
  const isWhole = (factor: number): boolean =>
    shifts.every((shift) => Math.abs(shift * factor - Math.round(shift * factor)) < tolerance * Math.max(1, Math.abs(shift)));
  const factor = isWhole(1) ? 1 : isWhole(2) ? 2 : null;
  if (factor === null) return null;
  return shifted(encoding, shape, shifts, factor);
}

function shifted(encoding: AffineEncoding, shape: readonly number[], shifts: Float64Array, factor: 1 | 2): SignedCodes | null {
  const codes = new Int8Array(encoding.codes.length);
  const indexOf = scaleIndexOf(encoding, shape);
  for (let i = 0; i < codes.length; i++) {
    const code = factor * (encoding.codes[i] as number) + Math.round(factor * (shifts[indexOf(i)] as number));
    if (Math.abs(code) > largestCode) return null;
    codes[i] = code;
  }
  return { codes, scale: encoding.scale.map((scale) => scale / factor) };
}

/** The nearest codes, one scale per index of `axis` or one for all (null); `least` is the smallest scale that each may have. */
export function roundedCodes(
  values: Float32Array,
  shape: readonly number[],
  axis: number | null,
  least: (channel: number) => number = () => 0,
): SignedCodes {
  const channels = axis === null ? 1 : (shape[axis] ?? 1);
  const stride = axis === null ? values.length : shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const channelOf = (i: number): number => Math.floor(i / stride) % channels;
  const reach = new Float64Array(channels);
  for (let i = 0; i < values.length; i++)
    reach[channelOf(i)] = Math.max(reach[channelOf(i)] as number, Math.abs(values[i] as number));
  const usual = Math.max(...reach) || largestCode;
  // A channel of zeros takes the scale of the widest: any would do for its codes, and its bias wants a usual one.
  const scale = reach.map((largest, c) => Math.max(Math.fround((largest || usual) / largestCode), least(c), 2 ** -126));
  const codes = Int8Array.from(values, (value, i) => {
    const code = Math.round(value / (scale[channelOf(i)] as number));
    return Math.max(-largestCode, Math.min(largestCode, code));
  });
  return { codes, scale };
}

/** The same weights on scales of at least `least`: codes of a channel whose scale grows are rounded anew. */
export function withLeastScale(
  { codes, scale }: SignedCodes,
  channelOf: (at: number) => number,
  least: (channel: number) => number,
): SignedCodes {
  if (scale.every((step, c) => step >= least(c))) return { codes, scale };
  const grown = scale.map((step, c) => Math.max(step, least(c)));
  const factor = scale.map((step, c) => step / (grown[c] as number));
  return { codes: codes.map((code, i) => Math.round(code * (factor[channelOf(i)] as number))), scale: grown };
}
