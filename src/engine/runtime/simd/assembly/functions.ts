/**
 * Exponential, logarithm, logistic function and hyperbolic tangent of four floats, after Cephes (Moshier, expf.c, logf.c, tanhf.c), within
 * about two units in the last place. Products and sums are rounded one by one in both builds, so that the bits are the same everywhere.
 */

@inline
function step(sum: v128, x: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(sum, x), f32x4.splat(coefficient));
}

/** 2ⁿ for whole n from −126 to 127. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

export function exp(x: v128): v128 {
  // Beyond these the result is 0 or infinite; NaN stays.
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104)), f32x4.splat(89));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = step(p, r, 1.3981999507e-3);
  p = step(p, r, 8.3334519073e-3);
  p = step(p, r, 4.1665795894e-2);
  p = step(p, r, 1.6666665459e-1);
  p = step(p, r, 5.0000001201e-1);
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // In two factors, because 2ⁿ alone may be no ordinary float.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

export function log(x: v128): v128 {
  const zero = f32x4.splat(0);
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  // x = m · 2ᵉ with m from √½ to √2.
  const moved = i32x4.sub(scaled, i32x4.splat(0x3f3504f3));
  let e = f32x4.convert_i32x4_s(i32x4.shr_s(moved, 23));
  e = f32x4.sub(e, v128.and(f32x4.splat(23), tiny));
  const m = i32x4.add(v128.and(moved, i32x4.splat(0x7fffff)), i32x4.splat(0x3f3504f3));
  const z = f32x4.sub(m, f32x4.splat(1));
  const square = f32x4.mul(z, z);
  let p = f32x4.splat(7.0376836292e-2);
  p = step(p, z, -1.1514610310e-1);
  p = step(p, z, 1.1676998740e-1);
  p = step(p, z, -1.2420140846e-1);
  p = step(p, z, 1.4249322787e-1);
  p = step(p, z, -1.6668057665e-1);
  p = step(p, z, 2.0000714765e-1);
  p = step(p, z, -2.4999993993e-1);
  p = step(p, z, 3.3333331174e-1);
  p = f32x4.mul(f32x4.mul(p, z), square);
  p = f32x4.add(p, f32x4.mul(e, f32x4.splat(-2.12194440e-4)));
  p = f32x4.sub(p, f32x4.mul(square, f32x4.splat(0.5)));
  let result = f32x4.add(f32x4.add(z, p), f32x4.mul(e, f32x4.splat(0.693359375)));
  result = v128.bitselect(f32x4.splat(-Infinity), result, f32x4.eq(x, zero));
  // Infinity and NaN stay, of less than nothing there is no logarithm.
  result = v128.bitselect(x, result, v128.not(f32x4.lt(x, f32x4.splat(Infinity))));
  return v128.bitselect(f32x4.splat(NaN), result, f32x4.lt(x, zero));
}

export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const top = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(top, f32x4.add(one, e));
}

export function tanh(x: v128): v128 {
  const one = f32x4.splat(1);
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = step(p, z, 2.06390887954e-2);
  p = step(p, z, -5.37397155531e-2);
  p = step(p, z, 1.33314422036e-1);
  p = step(p, z, -3.33332819422e-1);
  const small = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const e = exp(f32x4.add(size, size));
  const large = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
  const signed = v128.or(large, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(small, signed, f32x4.lt(size, f32x4.splat(0.625)));
}
