/**
 * Depthwise convolutions of NHWC pictures, [height, width, channels, multiplier] filters, and their gradients. Lanes are channels; with a
 * multiplier other than one they are taken one by one.
 *
 * Words: those of `convolution.ts`, the last two being rows of a block and the multiplier; outputs have channels × multiplier floats.
 */
import { address, float, int, madd } from './lanes';
import { alike, inputLists, joinLists, listBytes, outputLists } from './window';

/** Blocks count rows of outputs, over all pictures. */
export function depthwise(args: usize, begin: i32, end: i32, scratch: usize): void {
  sweep(args, begin, end, scratch, false);
}

/** Blocks count rows of inputs. The source is the outputs' gradient. */
export function depthwiseInputGradient(args: usize, begin: i32, end: i32, scratch: usize): void {
  sweep(args, begin, end, scratch, true);
}

function sweep(args: usize, begin: i32, end: i32, scratch: usize, back: bool): void {
  const to: usize = back ? 5 : 8;
  const from: usize = back ? 8 : 5;
  const channels = int(args, 7);
  const multiplier = int(args, 22);
  const outs = channels * multiplier;
  const targetPixel = <usize>(back ? channels : outs) << 2;
  const sourcePixel = <usize>(back ? outs : channels) << 2;
  const columns = int(args, to + 1);
  const targetRow = <usize>columns * targetPixel;
  const sourceRow = <usize>int(args, from + 1) * sourcePixel;
  const sourceImage = <usize>int(args, from) * sourceRow;
  const tapColumn = <usize>outs << 2;
  const tapRow = <usize>int(args, 12) * tapColumn;
  const across = back ? outputLists(args, 0, scratch) : inputLists(args, 0, scratch);
  const pairs = back ? outputLists(args, 1, across) : inputLists(args, 1, across);
  const height = int(args, to);
  const low: f32 = back ? -Infinity : float(args, 19);
  const high: f32 = back ? Infinity : float(args, 20);
  const bias: usize = back ? 0 : address(args, 3);
  // Places `hop` apart read with the same taps, `right` further on each time.
  const hop = back ? int(args, 14) : 1;
  const right = <usize>(back ? 1 : int(args, 14)) * sourcePixel;
  const next = <usize>hop * targetPixel;
  const last = min(int(args, 4) * height, end * int(args, 21));
  for (let row = begin * int(args, 21); row < last; row++) {
    const image = address(args, 0) + <usize>(row / height) * sourceImage;
    const rowList = scratch + <usize>(row % height) * listBytes(int(args, 11));
    for (let phase = 0; phase < hop; phase++) {
      let target = address(args, 2) + <usize>row * targetRow + <usize>phase * targetPixel;
      for (let x = phase; x < columns; ) {
        const columnList = across + <usize>x * listBytes(int(args, 12));
        const count = joinLists(rowList, columnList, sourceRow, sourcePixel, tapRow, tapColumn, pairs);
        let source = image;
        let same = alike(columnList, <usize>hop * listBytes(int(args, 12)), (columns - x + hop - 1) / hop);
        x += same * hop;
        for (; multiplier == 1 && same >= 4; same -= 4) {
          fourPixels(source, right, address(args, 1), target, next, bias, channels, pairs, count, low, high);
          source += 4 * right;
          target += 4 * next;
        }
        for (; same > 0; same--) {
          if (multiplier == 1) pixel(source, address(args, 1), target, bias, 0, channels, pairs, count, low, high);
          else if (back) pixelBack(source, address(args, 1), target, channels, multiplier, pairs, count);
          else pixelMany(source, address(args, 1), target, bias, outs, multiplier, pairs, count, low, high);
          source += right;
          target += next;
        }
      }
    }
  }
}

/** Four places, of which each reads `right` bytes further on and is stored `next` bytes further on: a weight is loaded once for all. */
function fourPixels(
  source: usize,
  right: usize,
  filter: usize,
  target: usize,
  next: usize,
  bias: usize,
  channels: i32,
  pairs: usize,
  count: i32,
  low: f32,
  high: f32,
): void {
  const ends = pairs + (<usize>count << 3);
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  let c = 0;
  for (; c + 8 <= channels; c += 8) {
    const at = <usize>c << 2;
    let a0 = bias ? v128.load(bias + at) : f32x4.splat(0);
    let a1 = bias ? v128.load(bias + at, 16) : f32x4.splat(0);
    let b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1;
    for (let p = pairs; p < ends; p += 8) {
      const w = filter + <usize>load<u32>(p, 4) + at;
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      let x = source + <usize>load<u32>(p) + at;
      a0 = madd(v128.load(x), w0, a0);
      a1 = madd(v128.load(x, 16), w1, a1);
      x += right;
      b0 = madd(v128.load(x), w0, b0);
      b1 = madd(v128.load(x, 16), w1, b1);
      x += right;
      c0 = madd(v128.load(x), w0, c0);
      c1 = madd(v128.load(x, 16), w1, c1);
      x += right;
      d0 = madd(v128.load(x), w0, d0);
      d1 = madd(v128.load(x, 16), w1, d1);
    }
    let to = target + at;
    v128.store(to, f32x4.pmin(f32x4.pmax(a0, lowest), highest));
    v128.store(to, f32x4.pmin(f32x4.pmax(a1, lowest), highest), 16);
    to += next;
    v128.store(to, f32x4.pmin(f32x4.pmax(b0, lowest), highest));
    v128.store(to, f32x4.pmin(f32x4.pmax(b1, lowest), highest), 16);
    to += next;
    v128.store(to, f32x4.pmin(f32x4.pmax(c0, lowest), highest));
    v128.store(to, f32x4.pmin(f32x4.pmax(c1, lowest), highest), 16);
    to += next;
    v128.store(to, f32x4.pmin(f32x4.pmax(d0, lowest), highest));
    v128.store(to, f32x4.pmin(f32x4.pmax(d1, lowest), highest), 16);
  }
  for (let i: usize = 0; i < 4; i++) pixel(source + i * right, filter, target + i * next, bias, c, channels, pairs, count, low, high);
}

/** The channels of one place from `c` on, lanes being channels. */
function pixel(
  source: usize,
  filter: usize,
  target: usize,
  bias: usize,
  c: i32,
  channels: i32,
  pairs: usize,
  count: i32,
  low: f32,
  high: f32,
): void {
  const ends = pairs + (<usize>count << 3);
  const lowest = f32x4.splat(low);
  const highest = f32x4.splat(high);
  for (; c + 16 <= channels; c += 16) {
    const at = <usize>c << 2;
    let s0 = bias ? v128.load(bias + at) : f32x4.splat(0);
    let s1 = bias ? v128.load(bias + at, 16) : f32x4.splat(0);
    let s2 = bias ? v128.load(bias + at, 32) : f32x4.splat(0);
    let s3 = bias ? v128.load(bias + at, 48) : f32x4.splat(0);
    for (let p = pairs; p < ends; p += 8) {
      const x = source + <usize>load<u32>(p) + at;
      const w = filter + <usize>load<u32>(p, 4) + at;
      s0 = madd(v128.load(x), v128.load(w), s0);
      s1 = madd(v128.load(x, 16), v128.load(w, 16), s1);
      s2 = madd(v128.load(x, 32), v128.load(w, 32), s2);
      s3 = madd(v128.load(x, 48), v128.load(w, 48), s3);
    }
    v128.store(target + at, f32x4.pmin(f32x4.pmax(s0, lowest), highest));
    v128.store(target + at, f32x4.pmin(f32x4.pmax(s1, lowest), highest), 16);
    v128.store(target + at, f32x4.pmin(f32x4.pmax(s2, lowest), highest), 32);
    v128.store(target + at, f32x4.pmin(f32x4.pmax(s3, lowest), highest), 48);
  }
  for (; c + 4 <= channels; c += 4) {
    const at = <usize>c << 2;
    let sum = bias ? v128.load(bias + at) : f32x4.splat(0);
    for (let p = pairs; p < ends; p += 8)
      sum = madd(v128.load(source + <usize>load<u32>(p) + at), v128.load(filter + <usize>load<u32>(p, 4) + at), sum);
    v128.store(target + at, f32x4.pmin(f32x4.pmax(sum, lowest), highest));
  }
  for (; c < channels; c++) {
    const at = <usize>c << 2;
    let sum: f32 = bias ? load<f32>(bias + at) : 0;
    for (let p = pairs; p < ends; p += 8)
      sum += load<f32>(source + <usize>load<u32>(p) + at) * load<f32>(filter + <usize>load<u32>(p, 4) + at);
    store<f32>(target + at, clamp(sum, low, high));
  }
}

@inline
function clamp(value: f32, low: f32, high: f32): f32 {
  if (value < low) return low;
  return value > high ? high : value;
}

function pixelMany(
  source: usize,
  filter: usize,
  target: usize,
  bias: usize,
  outs: i32,
  multiplier: i32,
  pairs: usize,
  count: i32,
  low: f32,
  high: f32,
): void {
  const ends = pairs + (<usize>count << 3);
  for (let c = 0; c < outs; c++) {
    const at = <usize>c << 2;
    const from = source + (<usize>(c / multiplier) << 2);
    let sum: f32 = bias ? load<f32>(bias + at) : 0;
    for (let p = pairs; p < ends; p += 8) sum += load<f32>(from + <usize>load<u32>(p)) * load<f32>(filter + <usize>load<u32>(p, 4) + at);
    store<f32>(target + at, clamp(sum, low, high));
  }
}

function pixelBack(source: usize, filter: usize, target: usize, channels: i32, multiplier: i32, pairs: usize, count: i32): void {
  const ends = pairs + (<usize>count << 3);
  for (let c = 0; c < channels; c++) {
    let sum: f32 = 0;
    for (let p = pairs; p < ends; p += 8) {
      for (let i = 0; i < multiplier; i++) {
        const at = <usize>(c * multiplier + i) << 2;
        sum += load<f32>(source + <usize>load<u32>(p) + at) * load<f32>(filter + <usize>load<u32>(p, 4) + at);
      }
    }
    store<f32>(target + (<usize>c << 2), sum);
  }
}

/** Source, output gradient, parts as in `filter-gradient.ts`; the last two words are pictures of a part and the multiplier. */
export function depthwiseFilterGradient(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const multiplier = int(args, 22);
  const outs = int(args, 7) * multiplier;
  const tapsY = int(args, 11);
  const tapsX = int(args, 12);
  const tap = <usize>outs << 2;
  const size = <usize>(tapsY * tapsX) * tap;
  const each = int(args, 21);
  for (let block = begin; block < end; block++) {
    const part = address(args, 2) + <usize>block * size;
    for (let i: usize = 0; i < size; i += 4) store<f32>(part + i, 0);
    for (let n = block * each; n < min(int(args, 4), (block + 1) * each); n++)
      for (let y = 0; y < tapsY; y++) for (let x = 0; x < tapsX; x++) addTap(args, n, y, x, part + <usize>(y * tapsX + x) * tap);
  }
}

/** Adds one picture's products at one tap. */
function addTap(args: usize, image: i32, tapY: i32, tapX: i32, part: usize): void {
  const multiplier = int(args, 22);
  const channels = int(args, 7);
  const outs = channels * multiplier;
  const pixel = <usize>channels << 2;
  const outPixel = <usize>outs << 2;
  const row = <usize>int(args, 6) * pixel;
  const outRow = <usize>int(args, 9) * outPixel;
  const strideY = int(args, 13);
  const strideX = int(args, 14);
  // Where the tap is in the picture: top + y · stride for outputs y from `first` to `last`.
  const top = tapY * int(args, 15) - int(args, 17);
  const left = tapX * int(args, 16) - int(args, 18);
  const firstY = top < 0 ? (strideY - 1 - top) / strideY : 0;
  const firstX = left < 0 ? (strideX - 1 - left) / strideX : 0;
  const lastY = min(int(args, 8), (int(args, 5) - 1 - top + strideY) / strideY);
  const lastX = min(int(args, 9), (int(args, 6) - 1 - left + strideX) / strideX);
  if (int(args, 5) - 1 < top || int(args, 6) - 1 < left) return;
  const x = address(args, 0) + <usize>(image * int(args, 5)) * row + <usize>left * pixel + <usize>top * row;
  const dy = address(args, 1) + <usize>(image * int(args, 8)) * outRow;
  const right = <usize>strideX * pixel;
  let c = 0;
  if (multiplier == 1) {
    for (; c + 16 <= channels; c += 16) {
      const at = <usize>c << 2;
      let s0 = v128.load(part + at);
      let s1 = v128.load(part + at, 16);
      let s2 = v128.load(part + at, 32);
      let s3 = v128.load(part + at, 48);
      for (let y = firstY; y < lastY; y++) {
        let from = x + <usize>(y * strideY) * row + <usize>firstX * right + at;
        let slope = dy + <usize>y * outRow + <usize>firstX * outPixel + at;
        for (let i = firstX; i < lastX; i++) {
          s0 = madd(v128.load(from), v128.load(slope), s0);
          s1 = madd(v128.load(from, 16), v128.load(slope, 16), s1);
          s2 = madd(v128.load(from, 32), v128.load(slope, 32), s2);
          s3 = madd(v128.load(from, 48), v128.load(slope, 48), s3);
          from += right;
          slope += outPixel;
        }
      }
      v128.store(part + at, s0);
      v128.store(part + at, s1, 16);
      v128.store(part + at, s2, 32);
      v128.store(part + at, s3, 48);
    }
    for (; c + 4 <= channels; c += 4) {
      const at = <usize>c << 2;
      let sum = v128.load(part + at);
      for (let y = firstY; y < lastY; y++) {
        let from = x + <usize>(y * strideY) * row + <usize>firstX * right + at;
        let slope = dy + <usize>y * outRow + <usize>firstX * outPixel + at;
        for (let i = firstX; i < lastX; i++) {
          sum = madd(v128.load(from), v128.load(slope), sum);
          from += right;
          slope += outPixel;
        }
      }
      v128.store(part + at, sum);
    }
  }
  for (c = c * multiplier; c < outs; c++) {
    const at = <usize>c << 2;
    let sum = load<f32>(part + at);
    for (let y = firstY; y < lastY; y++) {
      let from = x + <usize>(y * strideY) * row + <usize>firstX * right + (<usize>(c / multiplier) << 2);
      let slope = dy + <usize>y * outRow + <usize>firstX * outPixel + at;
      for (let i = firstX; i < lastX; i++) {
        sum += load<f32>(from) * load<f32>(slope);
        from += right;
        slope += outPixel;
      }
    }
    store<f32>(part + at, sum);
  }
}
