/**
 * Softmax of rows, and its cross-entropy with targets: the loss of a row is Σ −tᵢ log pᵢ, taken from the logits so that nothing underflows, and
 * the slope of that loss is p · Σt − t.
 */
import { address, int } from './lanes';
import { exp, log } from './functions';
import { storeFew } from './elementwise';

/** Words: x y | rows columns | rows of a block. */
export function softmax(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const columns = int(args, 3);
  const step = <usize>columns << 2;
  const last = min(int(args, 2), end * int(args, 4));
  for (let row = begin * int(args, 4); row < last; row++) {
    const x = address(args, 0) + <usize>row * step;
    const y = address(args, 1) + <usize>row * step;
    const sum = exponentials(x, y, columns, largest(x, columns));
    for (let j = 0; j < columns; j += 4) {
      const at = y + (<usize>j << 2);
      const value = f32x4.div(v128.load(at), f32x4.splat(sum));
      if (columns - j < 4) storeFew(at, value, columns - j);
      else v128.store(at, value);
    }
  }
}

/** Words: x targets loss slope | rows columns | rows of a block. A loss for each row, a slope for each number. */
export function softmaxCrossEntropy(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const columns = int(args, 5);
  const step = <usize>columns << 2;
  const last = min(int(args, 4), end * int(args, 6));
  for (let row = begin * int(args, 6); row < last; row++) {
    const x = address(args, 0) + <usize>row * step;
    const target = address(args, 1) + <usize>row * step;
    const slope = address(args, 3) + <usize>row * step;
    const most = largest(x, columns);
    const sum = exponentials(x, slope, columns, most);
    const total = f32x4.extract_lane(log(f32x4.splat(sum)), 0);
    let weight: f32 = 0;
    let loss: f32 = 0;
    for (let at: usize = 0; at < step; at += 4) {
      const t = load<f32>(target + at);
      weight += t;
      if (t != 0) loss += t * (total - (load<f32>(x + at) - most));
    }
    store<f32>(address(args, 2) + (<usize>row << 2), loss);
    for (let at: usize = 0; at < step; at += 4) {
      store<f32>(slope + at, (load<f32>(slope + at) / sum) * weight - load<f32>(target + at));
    }
  }
}

/** The largest number of a row; NaN where there is one. */
function largest(x: usize, columns: i32): f32 {
  let most: f32 = -Infinity;
  for (let j = 0; j < columns; j++) most = max(most, load<f32>(x + (<usize>j << 2)));
  return most;
}

/** Stores exp(x − most), and gives their sum. */
function exponentials(x: usize, to: usize, columns: i32, most: f32): f32 {
  let sum: f32 = 0;
  for (let j = 0; j < columns; j += 4) {
    const at = <usize>j << 2;
    const value = exp(f32x4.sub(v128.load(x + at), f32x4.splat(most)));
    const count = columns - j;
    if (count < 4) storeFew(to + at, value, count);
    else v128.store(to + at, value);
    sum += f32x4.extract_lane(value, 0);
    if (count > 1) sum += f32x4.extract_lane(value, 1);
    if (count > 2) sum += f32x4.extract_lane(value, 2);
    if (count > 3) sum += f32x4.extract_lane(value, 3);
  }
  return sum;
}
