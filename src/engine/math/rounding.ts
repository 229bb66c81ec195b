/** Rounding as IEEE 754 and numpy do it: to nearest, ties to even. */

/** 1.5 · 2^52: adding it pushes the fraction out of a double's mantissa, so that the addition itself rounds. */
export const roundingMagic = 6755399441055744;

/** Nearest integer, ties to even (`numpy.rint`), for |x| < 2^51. */
export function roundHalfEven(x: number): number {
  return x + roundingMagic - roundingMagic;
}
