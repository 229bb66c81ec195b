/**
 * Multiplication by a real number in whole numbers, as TFLite does it: a factor is m · 2^(shift − 31) with 2^30 ≤ m < 2^31, and
 *
 *   x · factor = rounding shift right by −shift of ⌊2 · (x 2^max(shift, 0)) · m / 2^32⌉
 *
 * Both roundings are to nearest; in the first ties go up, in the second away from zero (gemmlowp's SaturatingRoundingDoublingHighMul and
 * RoundingDivideByPOT). Products of 62 bits are taken apart so that doubles hold them exactly.
 */

import { roundHalfEven } from '../math/rounding.ts';

/**
 * Whose arithmetic: that of TFLite's reference kernels, as microcontrollers run them, or of XNNPACK, which interpreters on phones and in
 * browsers take for convolutions, dense layers, products, means, leaky rectifiers, changes of grid and bilinear enlargement. They differ by
 * one code now and then.
 */
export type Kernels = 'reference' | 'xnnpack';

export interface Multiplier {
  /** 0, or 2^30 … 2^31 − 1. */
  readonly mantissa: number;
  readonly shift: number;
}

const two31 = 2 ** 31;

/** The fixed-point form of a factor (QuantizeMultiplier); factors below 2^−32 become 0. */
export function quantizeMultiplier(factor: number): Multiplier {
  if (factor === 0) return { mantissa: 0, shift: 0 };
  let shift = Math.floor(Math.log2(factor)) + 1;
  // The logarithm may be off by one next to a power of two.
  if (factor / 2 ** shift >= 1) shift++;
  if (factor / 2 ** shift < 0.5) shift--;
  let mantissa = Math.round((factor / 2 ** shift) * two31);
  if (mantissa === two31) {
    mantissa /= 2;
    shift++;
  }
  return shift < -31 ? { mantissa: 0, shift: 0 } : { mantissa, shift };
}

/** ⌊(a b + 2^30) / 2^31⌋ for a b ≥ 0, and −⌊(|a b| + 2^30 − 1) / 2^31⌋ otherwise; |a| ≤ 2^31, 0 ≤ b < 2^31. */
function doublingHighProduct(a: number, b: number): number {
  const magnitude = Math.abs(a);
  const high = Math.floor(b / 65536);
  const low = b - high * 65536;
  const top = magnitude * high;
  const quotient = Math.floor(top / 32768);
  const rest = (top - quotient * 32768) * 65536 + magnitude * low + (a < 0 ? 2 ** 30 - 1 : 2 ** 30);
  const result = quotient + Math.floor(rest / two31);
  return a < 0 ? -result : result;
}

/** x / 2^exponent to the nearest, ties away from zero. */
export function roundingShift(x: number, exponent: number): number {
  const power = 2 ** exponent;
  return x < 0 ? -Math.floor((-x + power / 2) / power) : Math.floor((x + power / 2) / power);
}

/** x times the factor, for a whole x of 32 bits (MultiplyByQuantizedMultiplier). */
export function multiply(x: number, { mantissa, shift }: Multiplier): number {
  const high = doublingHighProduct(shift > 0 ? (x * 2 ** shift) | 0 : x, mantissa);
  return shift < 0 ? roundingShift(high, -shift) : high;
}

/** The factor a b / c in float32, as XNNPACK keeps it for sums of products and the reference for products. */
export const factorInFloat32 = (a: number, b: number, c: number): number => Math.fround(Math.fround(a * b) / c);

/**
 * Multiplication of whole numbers by the factor a b / c of three scales. XNNPACK multiplies in float32 and rounds once, ties to even.
 */
export function rescaler(kernels: Kernels, a: number, b: number, c: number): (x: number) => number {
  if (kernels === 'reference') {
    const factor = quantizeMultiplier((a * b) / c);
    return (x) => multiply(x, factor);
  }
  const factor = factorInFloat32(a, b, c);
  return (x) => roundHalfEven(Math.fround(Math.fround(x) * factor));
}

/** Multiplication of a code by a factor of which XNNPACK keeps 8 bits behind the point, ties up. */
export function coarseRescaler(kernels: Kernels, factor: number): (x: number) => number {
  if (kernels === 'reference') {
    const multiplier = quantizeMultiplier(factor);
    return (x) => multiply(x, multiplier);
  }
  const multiplier = roundHalfEven(256 * Math.fround(factor));
  return (x) => Math.floor((x * multiplier + 128) / 256);
}
