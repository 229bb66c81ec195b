/**
 * C = A·B of few rows, as a dense layer answers one sample: B is read once where it lies, 32 columns at a time, since tiles of six rows
 * would multiply mostly nothing. Blocks count strips of 64 columns.
 *
 * Words: a b c bias | m n k | low high. The matrices have no gaps between rows.
 */
import { address, float, int, madd } from './lanes';

const strip: i32 = 64;

export function fewRows(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const n = int(args, 5);
  const k = int(args, 6);
  const last = min(n, end * strip);
  for (let row = 0; row < int(args, 4); row++) {
    const a = address(args, 0) + ((<usize>row * <usize>k) << 2);
    const c = address(args, 2) + ((<usize>row * <usize>n) << 2);
    let j = begin * strip;
    for (; j + 32 <= last; j += 32) columns32(args, a, c, j, n, k);
    for (; j + 4 <= last; j += 4) columns4(args, a, c, j, n, k);
    for (; j < last; j++) column(args, a, c, j, n, k);
  }
}

@inline
function finish(args: usize, c: usize, j: i32, sum: v128): void {
  const at = <usize>j << 2;
  const bias = address(args, 3);
  const value = bias ? f32x4.add(sum, v128.load(bias + at)) : sum;
  // A comparison with NaN is false, so that NaN stays.
  v128.store(c + at, f32x4.pmin(f32x4.pmax(value, f32x4.splat(float(args, 7))), f32x4.splat(float(args, 8))));
}

function columns32(args: usize, a: usize, c: usize, j: i32, n: i32, k: i32): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
  let c4 = f32x4.splat(0), c5 = f32x4.splat(0), c6 = f32x4.splat(0), c7 = f32x4.splat(0);
  let b = address(args, 1) + (<usize>j << 2);
  for (let p = 0; p < k; p++) {
    const t = v128.load_splat<f32>(a + (<usize>p << 2));
    c0 = madd(t, v128.load(b), c0);
    c1 = madd(t, v128.load(b, 16), c1);
    c2 = madd(t, v128.load(b, 32), c2);
    c3 = madd(t, v128.load(b, 48), c3);
    c4 = madd(t, v128.load(b, 64), c4);
    c5 = madd(t, v128.load(b, 80), c5);
    c6 = madd(t, v128.load(b, 96), c6);
    c7 = madd(t, v128.load(b, 112), c7);
    b += <usize>n << 2;
  }
  finish(args, c, j, c0);
  finish(args, c, j + 4, c1);
  finish(args, c, j + 8, c2);
  finish(args, c, j + 12, c3);
  finish(args, c, j + 16, c4);
  finish(args, c, j + 20, c5);
  finish(args, c, j + 24, c6);
  finish(args, c, j + 28, c7);
}

/** Four sums over every fourth k, so that none waits for the one before. */
function columns4(args: usize, a: usize, c: usize, j: i32, n: i32, k: i32): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
  const step = <usize>n << 2;
  let b = address(args, 1) + (<usize>j << 2);
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const at = a + (<usize>p << 2);
    c0 = madd(v128.load_splat<f32>(at), v128.load(b), c0);
    c1 = madd(v128.load_splat<f32>(at, 4), v128.load(b + step), c1);
    c2 = madd(v128.load_splat<f32>(at, 8), v128.load(b + 2 * step), c2);
    c3 = madd(v128.load_splat<f32>(at, 12), v128.load(b + 3 * step), c3);
    b += 4 * step;
  }
  for (; p < k; p++, b += step) c0 = madd(v128.load_splat<f32>(a + (<usize>p << 2)), v128.load(b), c0);
  finish(args, c, j, f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)));
}

function column(args: usize, a: usize, c: usize, j: i32, n: i32, k: i32): void {
  let sum: f32 = 0;
  let b = address(args, 1) + (<usize>j << 2);
  for (let p = 0; p < k; p++, b += <usize>n << 2) sum += load<f32>(a + (<usize>p << 2)) * load<f32>(b);
  const at = <usize>j << 2;
  const bias = address(args, 3);
  let value = bias ? sum + load<f32>(bias + at) : sum;
  if (value < float(args, 7)) value = float(args, 7);
  if (value > float(args, 8)) value = float(args, 8);
  store<f32>(c + at, value);
}
