/**
 * Maxima and means of windows, and their gradients; lanes are channels. A maximum's gradient goes to the first of equals, as TF.js has it;
 * NaN is never a maximum. A mean counts the places within the picture; its gradient divides by those of the whole
 * window, as TF.js has it.
 *
 * Words: those of `convolution.ts` (filter and bias unused), the last two being rows or pictures of a block and the kind: 0 maximum, 1 mean.
 */
import { address, int } from './lanes';
import { clear } from './strip';
import { alike, inputLists, joinLists, listBytes } from './window';

/** Blocks count rows of outputs, over all pictures. */
export function pool(args: usize, begin: i32, end: i32, scratch: usize): void {
  const channels = int(args, 7);
  const pixel = <usize>channels << 2;
  const row = <usize>int(args, 6) * pixel;
  const across = inputLists(args, 0, scratch);
  const pairs = inputLists(args, 1, across);
  const height = int(args, 8);
  const columns = int(args, 9);
  const right = <usize>int(args, 14) * pixel;
  const last = min(int(args, 4) * height, end * int(args, 21));
  for (let line = begin * int(args, 21); line < last; line++) {
    const image = address(args, 0) + <usize>(line / height) * <usize>int(args, 5) * row;
    const rowList = scratch + <usize>(line % height) * listBytes(int(args, 11));
    let target = address(args, 2) + <usize>(line * columns) * pixel;
    for (let x = 0; x < columns; ) {
      const columnList = across + <usize>x * listBytes(int(args, 12));
      const count = joinLists(rowList, columnList, row, pixel, 0, 0, pairs);
      let source = image;
      for (let same = alike(columnList, listBytes(int(args, 12)), columns - x); same > 0; same--, x++) {
        if (int(args, 22) == 0) maximum(source, target, channels, pairs, count);
        else mean(source, target, channels, pairs, count);
        source += right;
        target += pixel;
      }
    }
  }
}

function maximum(source: usize, target: usize, channels: i32, pairs: usize, count: i32): void {
  const ends = pairs + (<usize>count << 3);
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const at = <usize>c << 2;
    let best = f32x4.splat(-Infinity);
    for (let p = pairs; p < ends; p += 8) best = f32x4.pmax(best, v128.load(source + <usize>load<u32>(p) + at));
    v128.store(target + at, best);
  }
  for (; c < channels; c++) {
    const at = <usize>c << 2;
    let best: f32 = -Infinity;
    for (let p = pairs; p < ends; p += 8) {
      const value = load<f32>(source + <usize>load<u32>(p) + at);
      if (value > best) best = value;
    }
    store<f32>(target + at, best);
  }
}

function mean(source: usize, target: usize, channels: i32, pairs: usize, count: i32): void {
  const ends = pairs + (<usize>count << 3);
  const by = <f32>count;
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const at = <usize>c << 2;
    let sum = f32x4.splat(0);
    for (let p = pairs; p < ends; p += 8) sum = f32x4.add(sum, v128.load(source + <usize>load<u32>(p) + at));
    v128.store(target + at, f32x4.div(sum, f32x4.splat(by)));
  }
  for (; c < channels; c++) {
    const at = <usize>c << 2;
    let sum: f32 = 0;
    for (let p = pairs; p < ends; p += 8) sum += load<f32>(source + <usize>load<u32>(p) + at);
    store<f32>(target + at, sum / by);
  }
}

/** Blocks count pictures. Source and filter are the input and the output's gradient, the target is the input's gradient. */
export function poolGradient(args: usize, begin: i32, end: i32, scratch: usize): void {
  const channels = int(args, 7);
  const pixel = <usize>channels << 2;
  const row = <usize>int(args, 6) * pixel;
  const image = <usize>int(args, 5) * row;
  const across = inputLists(args, 0, scratch);
  const pairs = inputLists(args, 1, across);
  const height = int(args, 8);
  const columns = int(args, 9);
  const right = <usize>int(args, 14) * pixel;
  // Where windows lie apart, nothing is there yet to add to.
  const adds = int(args, 13) <= (int(args, 11) - 1) * int(args, 15) || int(args, 14) <= (int(args, 12) - 1) * int(args, 16);
  for (let n = begin * int(args, 21); n < min(int(args, 4), end * int(args, 21)); n++) {
    const source = address(args, 0) + <usize>n * image;
    const target = address(args, 2) + <usize>n * image;
    let slope = address(args, 1) + <usize>(n * height * columns) * pixel;
    clear(target, image);
    for (let y = 0; y < height; y++) {
      const rowList = scratch + <usize>y * listBytes(int(args, 11));
      for (let x = 0; x < columns; ) {
        const columnList = across + <usize>x * listBytes(int(args, 12));
        const count = joinLists(rowList, columnList, row, pixel, 0, 0, pairs);
        let skip: usize = 0;
        for (let same = alike(columnList, listBytes(int(args, 12)), columns - x); same > 0; same--, x++) {
          if (int(args, 22) == 0) maximumBack(source + skip, slope, target + skip, channels, pairs, count, adds);
          else meanBack(slope, target + skip, channels, pairs, count, int(args, 11) * int(args, 12));
          skip += right;
          slope += pixel;
        }
      }
    }
  }
}

function maximumBack(source: usize, slope: usize, target: usize, channels: i32, pairs: usize, count: i32, adds: bool): void {
  const ends = pairs + (<usize>count << 3);
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const at = <usize>c << 2;
    let best = f32x4.splat(-Infinity);
    let where = i32x4.splat(-1);
    for (let p = pairs; p < ends; p += 8) {
      const value = v128.load(source + <usize>load<u32>(p) + at);
      const more = f32x4.gt(value, best);
      best = v128.bitselect(value, best, more);
      where = v128.bitselect(i32x4.splat(<i32>p), where, more);
    }
    const gradient = v128.load(slope + at);
    for (let p = pairs; p < ends; p += 8) {
      const place = target + <usize>load<u32>(p) + at;
      const share = v128.and(gradient, i32x4.eq(where, i32x4.splat(<i32>p)));
      v128.store(place, adds ? f32x4.add(v128.load(place), share) : share);
    }
  }
  for (; c < channels; c++) {
    const at = <usize>c << 2;
    let best: f32 = -Infinity;
    let where: usize = 0;
    for (let p = pairs; p < ends; p += 8) {
      const value = load<f32>(source + <usize>load<u32>(p) + at);
      if (value > best) {
        best = value;
        where = p;
      }
    }
    if (where == 0) continue;
    const place = target + <usize>load<u32>(where) + at;
    store<f32>(place, load<f32>(place) + load<f32>(slope + at));
  }
}

function meanBack(slope: usize, target: usize, channels: i32, pairs: usize, count: i32, places: i32): void {
  const ends = pairs + (<usize>count << 3);
  const by = <f32>places;
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const at = <usize>c << 2;
    const share = f32x4.div(v128.load(slope + at), f32x4.splat(by));
    for (let p = pairs; p < ends; p += 8) {
      const place = target + <usize>load<u32>(p) + at;
      v128.store(place, f32x4.add(v128.load(place), share));
    }
  }
  for (; c < channels; c++) {
    const at = <usize>c << 2;
    const share = load<f32>(slope + at) / by;
    for (let p = pairs; p < ends; p += 8) {
      const place = target + <usize>load<u32>(p) + at;
      store<f32>(place, load<f32>(place) + share);
    }
  }
}
