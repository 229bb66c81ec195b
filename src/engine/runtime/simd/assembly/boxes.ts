/**
 * Copies of boxes of up to six axes, any step on either side: transposes, slices, concatenations, padding's inner part, reversed axes. The two
 * inner axes are rows and floats of a row; where the source runs along the rows, four by four are transposed in registers.
 *
 * Words: from to | four outer sizes | their steps in from | in to | rows length | steps from row to row in from, to | from float to float |
 * rows of a block. Steps count floats and may be negative.
 */
import { address, int } from './lanes';
import { copy } from './strip';

export function copyBox(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const rows = int(args, 14);
  const tall = int(args, 20);
  const parts = (rows + tall - 1) / tall;
  for (let block = begin; block < end; block++) {
    const top = (block % parts) * tall;
    let plane = block / parts;
    let from = top * int(args, 16);
    let to = top * int(args, 17);
    for (let axis: usize = 3; axis < 4; axis--) {
      const size = int(args, 2 + axis);
      from += (plane % size) * int(args, 6 + axis);
      to += (plane % size) * int(args, 10 + axis);
      plane /= size;
    }
    copyPlane(args, address(args, 0) + (<usize>from << 2), address(args, 1) + (<usize>to << 2), min(tall, rows - top));
  }
}

function copyPlane(args: usize, from: usize, to: usize, rows: i32): void {
  const length = int(args, 15);
  const fromRow = <usize>int(args, 16) << 2;
  const toRow = <usize>int(args, 17) << 2;
  const fromStep = <usize>int(args, 18) << 2;
  const toStep = <usize>int(args, 19) << 2;
  let i = 0;
  if (toStep == 4 && fromRow == 4 && fromStep != 4) {
    for (; i + 4 <= rows; i += 4) {
      turnFour(from, fromStep, to, toRow, length);
      from += 16;
      to += 4 * toRow;
    }
  }
  for (; i < rows; i++) {
    if (fromStep == 4 && toStep == 4) copy(from, to, <usize>length << 2);
    else copyFloats(from, fromStep, to, toStep, length);
    from += fromRow;
    to += toRow;
  }
}

function copyFloats(from: usize, fromStep: usize, to: usize, toStep: usize, length: i32): void {
  for (let j = 0; j < length; j++) {
    store<f32>(to, load<f32>(from));
    from += fromStep;
    to += toStep;
  }
}

/** Four rows of the target from four floats at each step of the source. */
function turnFour(from: usize, step: usize, to: usize, row: usize, length: i32): void {
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const a = v128.load(from);
    const b = v128.load(from + step);
    const c = v128.load(from + 2 * step);
    const d = v128.load(from + 3 * step);
    const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(ab0, cd0, 0, 2));
    v128.store(to + row, v128.shuffle<f64>(ab0, cd0, 1, 3));
    v128.store(to + 2 * row, v128.shuffle<f64>(ab1, cd1, 0, 2));
    v128.store(to + 3 * row, v128.shuffle<f64>(ab1, cd1, 1, 3));
    from += 4 * step;
    to += 16;
  }
  for (; j < length; j++) {
    for (let r: usize = 0; r < 4; r++) store<f32>(to + r * row, load<f32>(from + (r << 2)));
    from += step;
    to += 4;
  }
}

/** One number all over. Words: to | count | number. Blocks of 65536 floats. */
export function fill(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const last = address(args, 0) + (<usize>min(int(args, 1), end * 65536) << 2);
  let to = address(args, 0) + (<usize>(begin * 65536) << 2);
  const value = v128.load_splat<f32>(args + 8);
  for (; to + 16 <= last; to += 16) v128.store(to, value);
  for (; to < last; to += 4) v128.store_lane<f32>(to, value, 0);
}
