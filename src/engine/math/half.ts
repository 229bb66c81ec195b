/**
 * IEEE 754 binary16: 1 sign, 5 exponent and 10 mantissa bits; largest finite 65504, smallest subnormal 2^-24.
 * float32 to half rounds to nearest, ties to even; magnitudes of 65520 and more become infinite.
 */

/** The largest finite half. */
export const halfMax = 65504;

const float = new Float32Array(1);
const pattern = new Uint32Array(float.buffer);

/** The 16 bits of the half nearest to a number. */
export function halfBits(value: number): number {
  float[0] = value;
  const bits = pattern[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent === 143) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200 | (mantissa >>> 13));
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent > 0) return sign | roundShift((exponent << 23) | mantissa, 13);
  return exponent < -10 ? sign : sign | roundShift(0x800000 | mantissa, 14 - exponent);
}

/** A non-negative integer divided by 2^shift, ties to even; a carry into the exponent is what rounding up to the next power needs. */
function roundShift(integer: number, shift: number): number {
  const quotient = integer >>> shift;
  const rest = integer & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (quotient & 1) === 1) ? quotient + 1 : quotient;
}

/** The number that 16 bits of a half stand for. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}
