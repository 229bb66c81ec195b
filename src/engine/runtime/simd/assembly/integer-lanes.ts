/** What the kernels of whole numbers share: codes less their zero point, and sums brought to the grid of the output as XNNPACK does. */

/** Eight codes as 16-bit numbers, less the zero point in each lane. */
@inline
export function eight(codes: usize, zeroPoint: v128): v128 {
  return i16x8.sub(v128.load8x8_s(codes), zeroPoint);
}

/** Codes of four sums, as 32-bit numbers less the zero point: a product in float32, clamped, to nearest with ties to even. */
@inline
export function rescaled(sums: v128, factors: v128, low: f32, high: f32): v128 {
  const product = f32x4.mul(f32x4.convert_i32x4_s(sums), factors);
  const inside = f32x4.max(f32x4.min(product, f32x4.splat(high)), f32x4.splat(low));
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(inside));
}

/** Stores `count` ≤ 8 codes; `first` and `second` are 32-bit numbers less the zero point. */
@inline
export function storeCodes(to: usize, first: v128, second: v128, zeroPoint: v128, count: i32): void {
  const wide = i16x8.add(i16x8.narrow_i32x4_s(first, second), zeroPoint);
  const codes = i64x2.extract_lane(i8x16.narrow_i16x8_s(wide, wide), 0);
  if (count >= 8) {
    store<i64>(to, codes);
    return;
  }
  for (let i = 0; i < count; i++) store<i8>(to + <usize>i, <i8>(codes >> (8 * i)));
}
