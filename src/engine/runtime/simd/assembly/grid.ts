/**
 * Numbers rounded to the levels of a grid, scale · clamp(⌊x / scale⌉), to nearest with ties away from zero. NaN stays NaN. Blocks count spans
 * of 16,384 numbers.
 *
 * Words: x y | count | scale, least, most level.
 */
import { address, float, int } from './lanes';

const span: i32 = 16384;

export function roundToGrid(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const last = min(int(args, 2), end * span);
  const scale = f32x4.splat(float(args, 3));
  const least = f32x4.splat(float(args, 4));
  const most = f32x4.splat(float(args, 5));
  let at = begin * span;
  for (; at + 4 <= last; at += 4) {
    const offset = <usize>at << 2;
    v128.store(address(args, 1) + offset, rounded(v128.load(address(args, 0) + offset), scale, least, most));
  }
  for (; at < last; at++) {
    const offset = <usize>at << 2;
    const y = rounded(v128.load32_zero(address(args, 0) + offset), scale, least, most);
    store<f32>(address(args, 1) + offset, f32x4.extract_lane(y, 0));
  }
}

@inline
function rounded(x: v128, scale: v128, least: v128, most: v128): v128 {
  const place = f32x4.div(x, scale);
  const size = f32x4.abs(place);
  const whole = f32x4.trunc(size);
  // What was cut off is exact, so that a number just below a tie stays below.
  const up = v128.and(f32x4.ge(f32x4.sub(size, whole), f32x4.splat(0.5)), f32x4.splat(1));
  const level = v128.bitselect(place, f32x4.add(whole, up), f32x4.splat(-0.0));
  // A comparison with NaN is false, so that NaN stays; zero has no sign.
  const inside = f32x4.pmin(f32x4.pmax(level, least), most);
  return f32x4.add(f32x4.mul(scale, inside), f32x4.splat(0));
}
