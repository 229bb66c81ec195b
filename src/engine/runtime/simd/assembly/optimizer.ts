/**
 * One step of an optimizer over a list of parameters, as `train/optimizer.ts` defines it, in double precision inside: what is kept is rounded
 * to float32 and nothing else, so that both take the same steps.
 *
 * Words: how many parameters | kind: 0 Adam, 1 momentum | rate, floor (Adam) | then for each parameter: values gradient first second paces
 * (0: none) | count | its first block | decay: the factor of the values before an Adam step, or what momentum adds. Doubles take two words.
 */
import { address, int } from './lanes';

/** Floats of a block, here and in `train/clip.ts`. */
const span: i32 = 8192;
const heading: usize = 24;
const record: usize = 40;

export function optimizerStep(args: usize, begin: i32, end: i32, _scratch: usize): void {
  let parameter = 0;
  for (let block = begin; block < end; block++) {
    while (parameter + 1 < int(args, 0) && int(args + heading + <usize>(parameter + 1) * record, 6) <= block) parameter++;
    const at = args + heading + <usize>parameter * record;
    const from = (block - int(at, 6)) * span;
    const count = min(span, int(at, 5) - from);
    if (int(args, 1) == 0) adam(args, at, from, count);
    else momentum(args, at, from, count);
  }
}

/** Words: array | count | its first block, for as many arrays as the first word says. A sum of squares for each block, in double precision. */
export function squareParts(args: usize, begin: i32, end: i32, _scratch: usize): void {
  let which = 0;
  for (let block = begin; block < end; block++) {
    while (which + 1 < int(args, 0) && int(args + 8 + <usize>(which + 1) * 12, 2) <= block) which++;
    const at = args + 8 + <usize>which * 12;
    const from = (block - int(at, 2)) * span;
    const first = address(at, 0) + (<usize>from << 2);
    const bytes = <usize>min(span, int(at, 1) - from) << 2;
    let sums = f64x2.splat(0);
    let i: usize = 0;
    for (; i < (bytes & ~7); i += 8) {
      const value = f64x2.promote_low_f32x4(v128.load64_zero(first + i));
      sums = f64x2.add(sums, f64x2.mul(value, value));
    }
    let even = f64x2.extract_lane(sums, 0);
    if (i < bytes) even += <f64>load<f32>(first + i) * <f64>load<f32>(first + i);
    store<f64>(address(args, 1) + (<usize>block << 3), even + f64x2.extract_lane(sums, 1));
  }
}

function adam(args: usize, at: usize, from: i32, count: i32): void {
  const skip = <usize>from << 2;
  const values = address(at, 0) + skip;
  const gradient = address(at, 1) + skip;
  const first = address(at, 2) + skip;
  const second = address(at, 3) + skip;
  const paces = address(at, 4) ? address(at, 4) + skip : 0;
  const rate = load<f64>(args, 8);
  const floor = load<f64>(args, 16);
  const factor = load<f64>(at, 32);
  const rates = f64x2.splat(rate);
  const floors = f64x2.splat(floor);
  let i: usize = 0;
  const whole = (<usize>count << 2) & ~7;
  for (; i < whole; i += 8) {
    const slope = f64x2.promote_low_f32x4(v128.load64_zero(gradient + i));
    const m0 = f64x2.promote_low_f32x4(v128.load64_zero(first + i));
    const v0 = f64x2.promote_low_f32x4(v128.load64_zero(second + i));
    const m = f64x2.add(f64x2.mul(f64x2.splat(0.9), m0), f64x2.mul(f64x2.splat(1 - 0.9), slope));
    const v = f64x2.add(f64x2.mul(f64x2.splat(0.999), v0), f64x2.mul(f64x2.mul(f64x2.splat(1 - 0.999), slope), slope));
    v128.store_lane<f64>(first + i, f32x4.demote_f64x2_zero(m), 0);
    v128.store_lane<f64>(second + i, f32x4.demote_f64x2_zero(v), 0);
    let move = f64x2.div(f64x2.mul(rates, m), f64x2.add(f64x2.sqrt(v), floors));
    if (paces) move = f64x2.mul(move, f64x2.promote_low_f32x4(v128.load64_zero(paces + i)));
    let value = v128.load64_zero(values + i);
    if (factor != 1) value = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(value), f64x2.splat(factor)));
    v128.store_lane<f64>(values + i, f32x4.demote_f64x2_zero(f64x2.sub(f64x2.promote_low_f32x4(value), move)), 0);
  }
  for (; i < <usize>count << 2; i += 4) {
    const slope = <f64>load<f32>(gradient + i);
    const m = 0.9 * <f64>load<f32>(first + i) + (1 - 0.9) * slope;
    const v = 0.999 * <f64>load<f32>(second + i) + (1 - 0.999) * slope * slope;
    store<f32>(first + i, <f32>m);
    store<f32>(second + i, <f32>v);
    let move = (rate * m) / (Math.sqrt(v) + floor);
    if (paces) move *= <f64>load<f32>(paces + i);
    let value = load<f32>(values + i);
    if (factor != 1) value = <f32>(<f64>value * factor);
    store<f32>(values + i, <f32>(<f64>value - move));
  }
}

function momentum(args: usize, at: usize, from: i32, count: i32): void {
  const skip = <usize>from << 2;
  const values = address(at, 0) + skip;
  const gradient = address(at, 1) + skip;
  const first = address(at, 2) + skip;
  const rate = load<f64>(args, 8);
  const decay = load<f64>(at, 32);
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    const value = <f64>load<f32>(values + i);
    const moved = 0.9 * <f64>load<f32>(first + i) + <f64>load<f32>(gradient + i) + decay * value;
    store<f32>(first + i, <f32>moved);
    store<f32>(values + i, <f32>(value - rate * moved));
  }
}
