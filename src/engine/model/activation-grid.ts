/**
 * The grid of a tensor that flows between layers, as TensorFlow Lite quantizes it:
 *
 *   real = scale (q − zero point)
 *
 * 8 bits are asymmetric, q = −128 … 127, scale = (max − min) / 255, the zero point the nearest whole number of −128 − min / scale, so
 * that zero is exact; 16 bits are symmetric, q = −32768 … 32767, scale = max(|min|, |max|) / 32767. Computed in double as TensorFlow's
 * converter does and stored as float32. Rounding is TFLite's own: to nearest, ties away from zero.
 */
import type { Model, ValueId } from './model.ts';

/** A range that is quantized; zero lies in it or it is widened to zero. */
export interface ActivationGrid {
  readonly min: number;
  readonly max: number;
  readonly bits: 8 | 16;
}

/** A grid as a file states it. */
export interface GridSteps {
  /** A float32 number, positive. */
  readonly scale: number;
  readonly zeroPoint: number;
  /** The least and the largest code. */
  readonly low: number;
  readonly high: number;
}

/** Scale, zero point and codes of a grid. */
export function stepsOf({ min, max, bits }: ActivationGrid): GridSteps {
  const [low, high] = bits === 8 ? [-128, 127] : [-32768, 32767];
  const [least, most] = [Math.min(min, 0), Math.max(max, 0)];
  if (least === most) return { scale: 1, zeroPoint: bits === 8 ? low : 0, low, high };
  if (bits === 16) return { scale: stored(Math.max(-least, most) / high), zeroPoint: 0, low, high };
  const scale = (most - least) / (high - low);
  // Of both ends the one with the smaller terms, hence the smaller rounding error, as TensorFlow takes it.
  const fromMin = low - least / scale;
  const fromMax = high - most / scale;
  const zeroPoint = roundHalfAway(-low + -least / scale < high + most / scale ? fromMin : fromMax);
  return { scale: stored(scale), zeroPoint: Math.min(Math.max(zeroPoint, low), high), low, high };
}

/** Files hold float32 scales; one too small for them becomes the smallest. */
const stored = (scale: number): number => Math.max(Math.fround(scale), 2 ** -126);

/** The 8-bit grid of a scale and a zero point; `stepsOf` gives both back exactly. */
export function gridOfSteps(scale: number, zeroPoint: number): ActivationGrid {
  return { min: scale * (-128 - zeroPoint), max: scale * (127 - zeroPoint), bits: 8 };
}

/** The nearest whole number, ties away from zero, for |x| < 2^51: `std::round`. */
export function roundHalfAway(x: number): number {
  return x < 0 ? -Math.floor(0.5 - x) : Math.floor(x + 0.5);
}

/** The nearest level of each value; NaN stays NaN. */
export function fakeQuantize(
  values: Float32Array,
  { scale, zeroPoint, low, high }: GridSteps,
  into = new Float32Array(values.length),
): Float32Array {
  const [least, most] = [low - zeroPoint, high - zeroPoint];
  for (let i = 0; i < values.length; i++) {
    // TFLite divides in float32.
    const place = Math.fround((values[i] as number) / scale);
    const level = place < 0 ? -Math.floor(0.5 - place) : Math.floor(place + 0.5);
    into[i] = scale * (level < least ? least : level > most ? most : level) + 0;
  }
  return into;
}

/** The model with grids on its values; values that it does not have are left out. */
export function withActivations(model: Model, grids: ReadonlyMap<ValueId, ActivationGrid>): Model {
  const { activations: _before, ...rest } = model;
  return grids.size === 0 ? rest : { ...rest, activations: grids };
}
