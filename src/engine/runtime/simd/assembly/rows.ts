/**
 * Sums, means, maxima and minima of rows. Sixteen partial sums, so that a long row loses few digits; a maximum is NaN where a number is.
 *
 * Words: x y | rows length | rows of a block | 0 sum, 1 mean, 2 maximum, 3 minimum.
 */
import { address, int } from './lanes';

export function reduceRows(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const length = int(args, 3);
  const last = min(int(args, 2), end * int(args, 4));
  const operation = int(args, 5);
  for (let row = begin * int(args, 4); row < last; row++) {
    const x = address(args, 0) + ((<usize>row * <usize>length) << 2);
    let value: f32 = 0;
    if (operation == 0) value = reduce(0, x, length, 0);
    else if (operation == 1) value = reduce(0, x, length, 0) / <f32>length;
    else if (operation == 2) value = reduce(2, x, length, -Infinity);
    else value = reduce(3, x, length, Infinity);
    store<f32>(address(args, 1) + (<usize>row << 2), value);
  }
}

@inline
function both(operation: i32, a: v128, b: v128): v128 {
  if (operation == 0) return f32x4.add(a, b);
  return operation == 2 ? f32x4.max(a, b) : f32x4.min(a, b);
}

@inline
function reduce(operation: i32, x: usize, length: i32, start: f32): f32 {
  let s0 = f32x4.splat(start);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let i = 0;
  for (; i + 16 <= length; i += 16) {
    s0 = both(operation, s0, v128.load(x));
    s1 = both(operation, s1, v128.load(x, 16));
    s2 = both(operation, s2, v128.load(x, 32));
    s3 = both(operation, s3, v128.load(x, 48));
    x += 64;
  }
  for (; i < length; i++) {
    s0 = both(operation, s0, f32x4.replace_lane(f32x4.splat(start), 0, load<f32>(x)));
    x += 4;
  }
  s0 = both(operation, both(operation, s0, s1), both(operation, s2, s3));
  s0 = both(operation, s0, v128.shuffle<f64>(s0, s0, 1, 0));
  return f32x4.extract_lane(both(operation, s0, v128.shuffle<f32>(s0, s0, 1, 0, 3, 2)), 0);
}
