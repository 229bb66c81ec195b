/**
 * What TensorFlow's FakeQuantWithMinMaxVars makes of a tensor, as codes on a grid (tensorflow/core/kernels/fake_quant_ops_functor.h):
 *
 *   scale = (max − min) / (levels − 1),  zero = round(−min / scale) within the codes,  code = ⌊x / scale + zero + ½⌋
 *
 * x clamped to the range that the rounded zero leaves, all in float32. `narrow` leaves the lowest code out: 2^bits − 1 levels.
 */
import { type AffineEncoding, axisStride, decode, type Encoding, float32 } from '../../model/encoding.ts';

export interface FakeQuant {
  /** 2–8. */
  readonly bits: number;
  readonly narrow: boolean;
  /** The axis that has a range per index, or null for one range. */
  readonly axis: number | null;
  readonly min: ArrayLike<number>;
  readonly max: ArrayLike<number>;
}

interface Grid {
  readonly scale: number;
  readonly zero: number;
}

const f = Math.fround;

/** The grid of a range, its zero rounded to a code. */
function gridOf(min: number, max: number, top: number): Grid {
  const scale = f(f(max - min) / top);
  const zero = Math.floor(f(f(-min / scale) + 0.5));
  return { scale, zero: Math.max(0, Math.min(zero, top)) };
}

/** Codes and the values that they stand for; a range of no extent makes zeros, as in TensorFlow. Ranges are finite, min ≤ max. */
export function fakeQuantized(
  values: Float32Array,
  shape: readonly number[],
  { bits, narrow, axis, min, max }: FakeQuant,
): { readonly values: Float32Array; readonly encoding: Encoding } {
  const top = 2 ** bits - (narrow ? 2 : 1);
  const empty = Array.from(min, (low, channel) => low === max[channel]);
  if (empty.every(Boolean)) return { values: new Float32Array(values.length), encoding: float32 };
  const grids = Array.from(min, (low, channel): Grid => {
    const high = max[channel] as number;
    return low === high ? { scale: 1, zero: Math.ceil(top / 2) } : gridOf(f(low), f(high), top);
  });
  const stride = axis === null ? values.length : axisStride(shape, axis);
  const codes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / stride) % grids.length;
    const { scale, zero } = grids[channel] as Grid;
    const low = f(-zero * scale);
    const clamped = Math.max(Math.min(values[i] as number, f((top - zero) * scale)), low);
    const place = f(f(f(f(clamped - low) * f(1 / scale)) - zero) + 0.5);
    codes[i] = empty[channel] ? zero : Math.floor(place) + zero;
  }
  const encoding: AffineEncoding = {
    kind: 'affine',
    bits,
    symmetric: grids.every(({ zero }) => zero === Math.ceil(top / 2)),
    axis: grids.length === 1 ? null : axis,
    scale: Float64Array.from(grids, ({ scale }) => scale),
    min: Float64Array.from(grids, ({ scale, zero }) => -zero * scale),
    codes,
  };
  return { values: decode(encoding, shape), encoding };
}
