/**
 * Uniform grids: the levels min + code · scale, code = 0 … top, that cover a range [low, high].
 * Symmetric narrow: scale = max|w| / (2^(b−1) − 1), codes ±(2^(b−1) − 1) around zero. Symmetric full: one more negative code.
 * Asymmetric: scale = (high − low) / (2^b − 1); where the range covers zero, min is moved to the multiple of the scale nearest to
 * `low`, so that zero is exact (the rule of TensorFlow Lite and of the TF.js converter).
 */
import { roundHalfEven } from '../../math/rounding.ts';

export interface Grid {
  readonly scale: number;
  /** Value of code 0. */
  readonly min: number;
  /** The largest code. */
  readonly top: number;
}

export interface GridKind {
  readonly bits: number;
  readonly symmetric: boolean;
  /** Leaves the lowest code of a symmetric grid unused, so that it reaches as far down as up. */
  readonly narrow: boolean;
}

/** The largest code of a grid of this kind. */
export function topCode({ bits, symmetric, narrow }: GridKind): number {
  return symmetric && narrow && bits > 1 ? 2 ** bits - 2 : 2 ** bits - 1;
}

/** Scales are written as float32, so a grid is built on the float32 one; scales too small for it stay doubles. */
function storable(scale: number): number {
  const rounded = Math.fround(scale);
  return rounded > 0 && Number.isFinite(rounded) ? rounded : scale;
}

/** The grid of 2 bits and more that covers [low, high]. All scales are positive. */
export function gridOf(low: number, high: number, kind: GridKind): Grid {
  const top = topCode(kind);
  if (kind.symmetric) {
    const negative = 2 ** (kind.bits - 1) - (kind.narrow ? 1 : 0);
    const reach = Math.max(-low / negative, high / (2 ** (kind.bits - 1) - 1), 0);
    const scale = reach === 0 ? 1 : storable(reach);
    return { scale, min: -negative * scale, top };
  }
  if (low === high) return { scale: 1, min: low, top };
  const scale = (high - low) / top;
  if (low > 0 || high < 0) return { scale, min: low, top };
  return { scale, min: 0 - roundHalfEven(-low / scale) * scale, top };
}

/** The two levels ±mean|w| of a binary weight network (Rastegari et al. 2016, XNOR-Net): the pair of least squared error. */
export function binaryGrid(meanMagnitude: number): Grid {
  // A channel of zeros takes the upper code, which must then stand for zero.
  if (meanMagnitude === 0) return { scale: 1, min: -1, top: 1 };
  const level = storable(meanMagnitude);
  return { scale: 2 * level, min: -level, top: 1 };
}

/** Sum of squared errors of the first `count` values on a grid. */
export function squaredError(values: Float32Array, count: number, { scale, min, top }: Grid): number {
  const inverse = 1 / scale;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const code = roundHalfEven((value - min) * inverse);
    const error = (code < 0 ? 0 : code > top ? top : code) * scale + min - value;
    sum += error * error;
  }
  return sum;
}
