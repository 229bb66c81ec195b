/**
 * Steps of recurrent cells between their matrix products, with logistic gates and tanh, and their gradients. Gates are made of two sums, what the
 * input gave (p) and what the state gave (q), each [rows, gates × units]; gradients make them again instead of keeping them.
 *
 *   LSTM  i, f, o = σ(p + q), g = tanh(p + q) in the order i f g o;  c' = f c + i g;  h' = o tanh(c')
 *   GRU   z, r = σ(p + q), a = tanh(p + r q);  h' = z h + (1 − z) a      (the reset gate behind the product)
 */
import { storeFew } from './elementwise';
import { sigmoid, tanh } from './functions';
import { address, int } from './lanes';

@inline
function put(to: usize, value: v128, count: i32): void {
  if (count < 4) storeFew(to, value, count);
  else v128.store(to, value);
}

@inline
function sum(p: usize, q: usize): v128 {
  return f32x4.add(v128.load(p), v128.load(q));
}

/** x (1 − x). */
@inline
function bell(x: v128): v128 {
  return f32x4.mul(x, f32x4.sub(f32x4.splat(1), x));
}

/** 1 − x². */
@inline
function cap(x: v128): v128 {
  return f32x4.sub(f32x4.splat(1), f32x4.mul(x, x));
}

/** Words: p q c | h' c' | rows units | rows of a block. */
export function lstmStep(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const units = int(args, 6);
  const wide = <usize>units << 2;
  const last = min(int(args, 5), end * int(args, 7));
  for (let row = begin * int(args, 7); row < last; row++) {
    const skip = <usize>row * wide;
    const p = address(args, 0) + 4 * skip;
    const q = address(args, 1) + 4 * skip;
    for (let j = 0; j < units; j += 4) {
      const at = <usize>j << 2;
      const i = sigmoid(sum(p + at, q + at));
      const f = sigmoid(sum(p + wide + at, q + wide + at));
      const g = tanh(sum(p + 2 * wide + at, q + 2 * wide + at));
      const o = sigmoid(sum(p + 3 * wide + at, q + 3 * wide + at));
      const next = f32x4.add(f32x4.mul(f, v128.load(address(args, 2) + skip + at)), f32x4.mul(i, g));
      put(address(args, 4) + skip + at, next, units - j);
      put(address(args, 3) + skip + at, f32x4.mul(o, tanh(next)), units - j);
    }
  }
}

/** Words: p q c ∂h' ∂c' | ∂p (which is ∂q) ∂c | rows units | rows of a block. */
export function lstmStepGradient(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const units = int(args, 8);
  const wide = <usize>units << 2;
  const last = min(int(args, 7), end * int(args, 9));
  for (let row = begin * int(args, 9); row < last; row++) {
    const skip = <usize>row * wide;
    const p = address(args, 0) + 4 * skip;
    const q = address(args, 1) + 4 * skip;
    const slope = address(args, 5) + 4 * skip;
    for (let j = 0; j < units; j += 4) {
      const at = <usize>j << 2;
      const left = units - j;
      const i = sigmoid(sum(p + at, q + at));
      const f = sigmoid(sum(p + wide + at, q + wide + at));
      const g = tanh(sum(p + 2 * wide + at, q + 2 * wide + at));
      const o = sigmoid(sum(p + 3 * wide + at, q + 3 * wide + at));
      const c = v128.load(address(args, 2) + skip + at);
      const dh = v128.load(address(args, 3) + skip + at);
      const t = tanh(f32x4.add(f32x4.mul(f, c), f32x4.mul(i, g)));
      const dc = f32x4.add(v128.load(address(args, 4) + skip + at), f32x4.mul(f32x4.mul(dh, o), cap(t)));
      put(address(args, 6) + skip + at, f32x4.mul(dc, f), left);
      put(slope + at, f32x4.mul(f32x4.mul(dc, g), bell(i)), left);
      put(slope + wide + at, f32x4.mul(f32x4.mul(dc, c), bell(f)), left);
      put(slope + 2 * wide + at, f32x4.mul(f32x4.mul(dc, i), cap(g)), left);
      put(slope + 3 * wide + at, f32x4.mul(f32x4.mul(dh, t), bell(o)), left);
    }
  }
}

/** Words: p q h | h' | rows units | rows of a block. */
export function gruStep(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const units = int(args, 5);
  const wide = <usize>units << 2;
  const last = min(int(args, 4), end * int(args, 6));
  for (let row = begin * int(args, 6); row < last; row++) {
    const skip = <usize>row * wide;
    const p = address(args, 0) + 3 * skip;
    const q = address(args, 1) + 3 * skip;
    for (let j = 0; j < units; j += 4) {
      const at = <usize>j << 2;
      const z = sigmoid(sum(p + at, q + at));
      const r = sigmoid(sum(p + wide + at, q + wide + at));
      const a = tanh(f32x4.add(v128.load(p + 2 * wide + at), f32x4.mul(r, v128.load(q + 2 * wide + at))));
      const kept = f32x4.mul(z, v128.load(address(args, 2) + skip + at));
      const made = f32x4.mul(f32x4.sub(f32x4.splat(1), z), a);
      put(address(args, 3) + skip + at, f32x4.add(kept, made), units - j);
    }
  }
}

/** Words: p q h ∂h' | ∂p ∂q ∂h | rows units | rows of a block. */
export function gruStepGradient(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const units = int(args, 8);
  const wide = <usize>units << 2;
  const last = min(int(args, 7), end * int(args, 9));
  for (let row = begin * int(args, 9); row < last; row++) {
    const skip = <usize>row * wide;
    const p = address(args, 0) + 3 * skip;
    const q = address(args, 1) + 3 * skip;
    const slopeP = address(args, 4) + 3 * skip;
    const slopeQ = address(args, 5) + 3 * skip;
    for (let j = 0; j < units; j += 4) {
      const at = <usize>j << 2;
      const left = units - j;
      const z = sigmoid(sum(p + at, q + at));
      const r = sigmoid(sum(p + wide + at, q + wide + at));
      const past = v128.load(q + 2 * wide + at);
      const a = tanh(f32x4.add(v128.load(p + 2 * wide + at), f32x4.mul(r, past)));
      const h = v128.load(address(args, 2) + skip + at);
      const dh = v128.load(address(args, 3) + skip + at);
      const da = f32x4.mul(f32x4.mul(dh, f32x4.sub(f32x4.splat(1), z)), cap(a));
      const dz = f32x4.mul(f32x4.mul(dh, f32x4.sub(h, a)), bell(z));
      const dr = f32x4.mul(f32x4.mul(da, past), bell(r));
      put(address(args, 6) + skip + at, f32x4.mul(dh, z), left);
      put(slopeP + at, dz, left);
      put(slopeP + wide + at, dr, left);
      put(slopeP + 2 * wide + at, da, left);
      put(slopeQ + at, dz, left);
      put(slopeQ + wide + at, dr, left);
      put(slopeQ + 2 * wide + at, f32x4.mul(da, r), left);
    }
  }
}
