/**
 * Convolutions and dense layers of int8 codes: acc = bias + Σ w (x − z) in 32 bits, then codes of the output. The windows of some pixels are
 * laid out as rows of 16-bit numbers, and pairs of them multiplied with pairs of weights. Blocks count pixels of all outputs.
 *
 * Words: x kernel bias factors y | height width channels from seen | rows columns filters first units | filter height and width, strides,
 * dilations, padding above and left | zero points of x and y, low, high | pixels of a block. Kernels are [units / 8, pairs, 8, 2] of
 * 16 bits, biases and factors [units] with whole eights; `low` and `high` are floats, less the zero point of y.
 */
import { eight, rescaled, storeCodes } from './integer-lanes';
import { address, float, int } from './lanes';

export function integerConvolution(args: usize, begin: i32, end: i32, scratch: usize): void {
  const columns = int(args, 11);
  const pixels = int(args, 10) * columns;
  const ofBlock = int(args, 27);
  // Pairs of numbers; one behind the last is multiplied with zero.
  const pairs = (int(args, 15) * int(args, 16) * int(args, 9) + 1) >> 1;
  const rowBytes = <usize>pairs << 2;
  for (let block = begin; block < end; block++) {
    const start = block * ofBlock;
    const count = min(ofBlock, pixels - start);
    let to = scratch;
    for (let pixel = start; pixel < start + count; pixel++, to += rowBytes) unfold(args, pixel / columns, pixel % columns, to);
    for (let unit = 0; unit < int(args, 14); unit += 8) {
      const kernel = address(args, 1) + <usize>(unit >> 3) * (rowBytes << 3);
      let pixel = 0;
      for (; pixel + 4 <= count; pixel += 4) fourPixels(args, scratch + <usize>pixel * rowBytes, rowBytes, kernel, pairs, unit, start + pixel);
      for (; pixel < count; pixel++) onePixel(args, scratch + <usize>pixel * rowBytes, kernel, pairs, unit, start + pixel);
    }
  }
}

/** The window of an output as 16-bit numbers less the zero point: places outside are zero. Writes up to seven numbers too many. */
function unfold(args: usize, row: i32, column: i32, scratch: usize): void {
  const height = int(args, 5);
  const width = int(args, 6);
  const channels = int(args, 7);
  const seen = int(args, 9);
  const taps = int(args, 16);
  const across = int(args, 20);
  const zeroPoint = i16x8.splat(<i16>int(args, 23));
  const top = row * int(args, 17) - int(args, 21);
  const left = column * int(args, 18) - int(args, 22);
  // Neighbours in the window are neighbours in the picture.
  const dense = across == 1 && seen == channels;
  let to = scratch;
  for (let i = 0; i < int(args, 15); i++) {
    const y = top + i * int(args, 19);
    const line = address(args, 0) + <usize>(y * width * channels + int(args, 8));
    const inside = y >= 0 && y < height;
    if (dense && inside && left >= 0 && left + taps <= width) {
      to = copy(line + <usize>(left * channels), to, taps * channels, zeroPoint);
      continue;
    }
    for (let j = 0; j < taps; j++) {
      const x = left + j * across;
      to = inside && x >= 0 && x < width ? copy(line + <usize>(x * channels), to, seen, zeroPoint) : clear(to, seen);
    }
  }
}

@inline
function copy(from: usize, to: usize, count: i32, zeroPoint: v128): usize {
  for (let c = 0; c < count; c += 8) v128.store(to + (<usize>c << 1), eight(from + <usize>c, zeroPoint));
  return to + (<usize>count << 1);
}

@inline
function clear(to: usize, count: i32): usize {
  for (let c = 0; c < count; c += 8) v128.store(to + (<usize>c << 1), i64x2.splat(0));
  return to + (<usize>count << 1);
}

@inline
function finish(args: usize, pixel: i32, unit: i32, first: v128, second: v128): void {
  const at = <usize>unit << 2;
  const bias = address(args, 2) + at;
  const factors = address(args, 3) + at;
  const low = float(args, 25);
  const high = float(args, 26);
  const a = rescaled(i32x4.add(first, v128.load(bias)), v128.load(factors), low, high);
  const b = rescaled(i32x4.add(second, v128.load(bias, 16)), v128.load(factors, 16), low, high);
  const to = address(args, 4) + <usize>(pixel * int(args, 12) + int(args, 13) + unit);
  storeCodes(to, a, b, i16x8.splat(<i16>int(args, 24)), int(args, 14) - unit);
}

function fourPixels(args: usize, rows: usize, step: usize, kernel: usize, pairs: i32, unit: i32, pixel: i32): void {
  let a0 = i64x2.splat(0), a1 = i64x2.splat(0), b0 = i64x2.splat(0), b1 = i64x2.splat(0);
  let c0 = i64x2.splat(0), c1 = i64x2.splat(0), d0 = i64x2.splat(0), d1 = i64x2.splat(0);
  const second = rows + step;
  const third = second + step;
  const fourth = third + step;
  const last = <usize>pairs << 2;
  for (let at: usize = 0; at < last; at += 4) {
    const w0 = v128.load(kernel);
    const w1 = v128.load(kernel, 16);
    kernel += 32;
    let x = v128.load_splat<i32>(rows + at);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, w0));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, w1));
    x = v128.load_splat<i32>(second + at);
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(x, w0));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(x, w1));
    x = v128.load_splat<i32>(third + at);
    c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, w0));
    c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, w1));
    x = v128.load_splat<i32>(fourth + at);
    d0 = i32x4.add(d0, i32x4.dot_i16x8_s(x, w0));
    d1 = i32x4.add(d1, i32x4.dot_i16x8_s(x, w1));
  }
  finish(args, pixel, unit, a0, a1);
  finish(args, pixel + 1, unit, b0, b1);
  finish(args, pixel + 2, unit, c0, c1);
  finish(args, pixel + 3, unit, d0, d1);
}

function onePixel(args: usize, row: usize, kernel: usize, pairs: i32, unit: i32, pixel: i32): void {
  let a0 = i64x2.splat(0), a1 = i64x2.splat(0);
  for (let pair = 0; pair < pairs; pair++, row += 4, kernel += 32) {
    const x = v128.load_splat<i32>(row);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, v128.load(kernel)));
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, v128.load(kernel, 16)));
  }
  finish(args, pixel, unit, a0, a1);
}
