/**
 * Functions of one or two numbers, element by element. Operands are seen as planes of rows: from one plane or row to the next an operand moves
 * on or stays, and within a row it has numbers of its own or one for all, which covers whatever is stretched along axes in a row.
 */
import { address, float, int } from './lanes';
import { exp, log, sigmoid, tanh } from './functions';

/**
 * Words: a b target | planes, rows of a plane, floats of a row | floats from plane to plane of a b, from row to row of a b, from float to float
 * (0 or 1) of a b | rows, floats of a block | operation.
 */
export function binary(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const rows = int(args, 4);
  const length = int(args, 5);
  const ownA = int(args, 10) != 0;
  const ownB = int(args, 11) != 0;
  const tall = int(args, 12);
  const wide = int(args, 13);
  const down = (rows + tall - 1) / tall;
  const across = (length + wide - 1) / wide;
  for (let block = begin; block < end; block++) {
    const left = (block % across) * wide;
    const count = min(wide, length - left);
    const top = ((block / across) % down) * tall;
    const plane = block / across / down;
    for (let row = top; row < min(rows, top + tall); row++) {
      const a = <usize>(plane * int(args, 6) + row * int(args, 8) + (ownA ? left : 0)) << 2;
      const b = <usize>(plane * int(args, 7) + row * int(args, 9) + (ownB ? left : 0)) << 2;
      const to = <usize>((plane * rows + row) * length + left) << 2;
      run(int(args, 14), address(args, 0) + a, ownA, address(args, 1) + b, ownB, address(args, 2) + to, count);
    }
  }
}

/** A loop for each operation, so that none asks which it is. */
function run(operation: i32, a: usize, ownA: bool, b: usize, ownB: bool, to: usize, count: i32): void {
  switch (operation) {
    case 0:
      return loop(0, a, ownA, b, ownB, to, count);
    case 1:
      return loop(1, a, ownA, b, ownB, to, count);
    case 2:
      return loop(2, a, ownA, b, ownB, to, count);
    case 3:
      return loop(3, a, ownA, b, ownB, to, count);
    case 4:
      return loop(4, a, ownA, b, ownB, to, count);
    case 5:
      return loop(5, a, ownA, b, ownB, to, count);
    case 6:
      return loop(6, a, ownA, b, ownB, to, count);
    case 7:
      return loop(7, a, ownA, b, ownB, to, count);
    case 8:
      return loop(8, a, ownA, b, ownB, to, count);
    case 9:
      return loop(9, a, ownA, b, ownB, to, count);
    case 10:
      return loop(10, a, ownA, b, ownB, to, count);
    default:
      return loop(11, a, ownA, b, ownB, to, count);
  }
}

@inline
function loop(operation: i32, a: usize, ownA: bool, b: usize, ownB: bool, to: usize, count: i32): void {
  const nextA: usize = ownA ? 16 : 0;
  const nextB: usize = ownB ? 16 : 0;
  const allA = v128.load_splat<f32>(a);
  const allB = v128.load_splat<f32>(b);
  for (; count > 0; count -= 4) {
    const value = two(operation, ownA ? v128.load(a) : allA, ownB ? v128.load(b) : allB);
    if (count < 4) return storeFew(to, value, count);
    v128.store(to, value);
    a += nextA;
    b += nextB;
    to += 16;
  }
}

/** Gradients take the output's gradient first and then the output (a clamp's zeros and bounds pass nothing). */
@inline
function two(operation: i32, a: v128, b: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (operation == 0) return f32x4.add(a, b);
  if (operation == 1) return f32x4.sub(a, b);
  if (operation == 2) return f32x4.mul(a, b);
  if (operation == 3) return f32x4.div(a, b);
  if (operation == 4) return f32x4.max(a, b);
  if (operation == 5) return f32x4.min(a, b);
  if (operation == 6) return f32x4.mul(f32x4.sub(a, b), f32x4.sub(a, b));
  if (operation == 7) return v128.and(a, f32x4.gt(b, zero));
  if (operation == 8) return v128.and(a, v128.and(f32x4.gt(b, zero), f32x4.lt(b, f32x4.splat(6))));
  if (operation == 9) return f32x4.mul(a, f32x4.mul(b, f32x4.sub(one, b)));
  if (operation == 10) return f32x4.mul(a, f32x4.sub(one, f32x4.mul(b, b)));
  return v128.bitselect(a, f32x4.mul(a, f32x4.add(b, one)), f32x4.ge(b, zero));
}

/** The first one to three lanes. */
@inline
export function storeFew(to: usize, value: v128, count: i32): void {
  if (count == 1) return v128.store_lane<f32>(to, value, 0);
  v128.store_lane<f64>(to, value, 0);
  if (count == 3) v128.store_lane<f32>(to, value, 2, 8);
}

/** Words: x target | count | operation | two constants. Blocks of 16384 floats. */
export function unary(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const from = begin * 16384;
  const count = min(int(args, 2), end * 16384) - from;
  const x = address(args, 0) + (<usize>from << 2);
  const to = address(args, 1) + (<usize>from << 2);
  const c = f32x4.splat(float(args, 4));
  const d = f32x4.splat(float(args, 5));
  switch (int(args, 3)) {
    case 0:
      return each(0, x, to, count, c, d);
    case 1:
      return each(1, x, to, count, c, d);
    case 2:
      return each(2, x, to, count, c, d);
    case 3:
      return each(3, x, to, count, c, d);
    case 4:
      return each(4, x, to, count, c, d);
    case 5:
      return each(5, x, to, count, c, d);
    case 6:
      return each(6, x, to, count, c, d);
    case 7:
      return each(7, x, to, count, c, d);
    case 8:
      return each(8, x, to, count, c, d);
    case 9:
      return each(9, x, to, count, c, d);
    case 10:
      return each(10, x, to, count, c, d);
    case 11:
      return each(11, x, to, count, c, d);
    case 12:
      return each(12, x, to, count, c, d);
    case 13:
      return each(13, x, to, count, c, d);
    default:
      return each(14, x, to, count, c, d);
  }
}

@inline
function each(operation: i32, x: usize, to: usize, count: i32, c: v128, d: v128): void {
  for (; count > 0; count -= 4) {
    const value = one(operation, v128.load(x), c, d);
    if (count < 4) return storeFew(to, value, count);
    v128.store(to, value);
    x += 16;
    to += 16;
  }
}

@inline
function one(operation: i32, x: v128, c: v128, d: v128): v128 {
  const zero = f32x4.splat(0);
  const unit = f32x4.splat(1);
  if (operation == 0) return f32x4.neg(x);
  if (operation == 1) return f32x4.abs(x);
  if (operation == 2) return f32x4.sqrt(x);
  if (operation == 3) return f32x4.div(unit, f32x4.sqrt(x));
  if (operation == 4) return f32x4.mul(x, x);
  if (operation == 5) return f32x4.div(unit, x);
  if (operation == 6) return f32x4.pmax(x, zero);
  if (operation == 7) return f32x4.pmin(f32x4.pmax(x, zero), f32x4.splat(6));
  if (operation == 8) return exp(x);
  if (operation == 9) return log(x);
  if (operation == 10) return sigmoid(x);
  if (operation == 11) return tanh(x);
  if (operation == 12) return v128.bitselect(f32x4.sub(exp(x), unit), x, f32x4.lt(x, zero));
  if (operation == 13) return f32x4.pmin(f32x4.pmax(x, c), d);
  return f32x4.add(f32x4.mul(x, c), d);
}
