/**
 * The micro-kernels of every matrix product here, convolutions included: a tile of C of six rows and eight (or four) columns stays in
 * registers while A and B stream by (Goto and van de Geijn 2008). What comes after the sum (bias, what was there before, a clamp) is done
 * before the tile is stored. B comes row by row, eight or four floats each `bStep` bytes; of A two forms are known, told apart below.
 *
 * A tile's record in scratch memory: six addresses of A's rows, six of C's rows.
 */
import { madd } from './lanes';

export const tileBytes: usize = 48;
/** What an incomplete tile needs of scratch memory. */
export const spillBytes: usize = 192;

let bias: usize = 0;
let lowest: f32 = 0;
let highest: f32 = 0;
let adds: bool = false;
let rowsLeft: i32 = 6;
let columnsLeft: i32 = 8;
let shift: usize = 0;
let spill: usize = 0;

/** What happens to the sums of the tiles that follow: adding a row of bias (0: none), adding what C holds, clamping; incomplete tiles wait at `spillAddress`. */
export function setEpilogue(low: f32, high: f32, accumulate: bool, spillAddress: usize): void {
  spill = spillAddress;
  lowest = low;
  highest = high;
  adds = accumulate;
}

/** How much of the tiles that follow is stored, how many bytes right of their record's addresses, and where their bias is (0: none). */
export function setExtent(rows: i32, columns: i32, right: usize, biasAddress: usize): void {
  rowsLeft = rows;
  shift = right;
  columnsLeft = columns;
  bias = biasAddress;
}

@inline
function whole(width: i32): bool {
  return rowsLeft == 6 && columnsLeft == width;
}

@inline
function biasAt(right: usize): v128 {
  return bias ? v128.load(bias + right) : f32x4.splat(0);
}

@inline
function put(c: usize, sum: v128, offset: v128, low: v128, high: v128): void {
  let value = f32x4.add(sum, offset);
  if (adds) value = f32x4.add(v128.load(c), value);
  // A comparison with NaN is false, so that NaN stays.
  v128.store(c, f32x4.pmin(f32x4.pmax(value, low), high));
}

/** Stores the valid part of the tile that waits in its record. */
function putEdge(tile: usize): void {
  for (let i = 0; i < rowsLeft; i++) {
    const from = spill + (<usize>i << 5);
    const c = <usize>load<u32>(tile + (<usize>i << 2), 24) + shift;
    for (let j = 0; j < columnsLeft; j++) {
      const at = <usize>j << 2;
      let value = load<f32>(from + at) + (bias ? load<f32>(bias + at) : 0);
      if (adds) value = load<f32>(c + at) + value;
      if (value < lowest) value = lowest;
      if (value > highest) value = highest;
      store<f32>(c + at, value);
    }
  }
}

/** Six rows from six places, 8 columns. `table` holds the byte offsets of the segments, each `length` floats long. */
export function rows8(tile: usize, table: usize, segments: i32, length: i32, b: usize, bStep: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  for (let s = 0; s < segments; s++) {
    const skip = <usize>load<u32>(table + (<usize>s << 2));
    let a0 = <usize>load<u32>(tile, 0) + skip;
    let a1 = <usize>load<u32>(tile, 4) + skip;
    let a2 = <usize>load<u32>(tile, 8) + skip;
    let a3 = <usize>load<u32>(tile, 12) + skip;
    let a4 = <usize>load<u32>(tile, 16) + skip;
    let a5 = <usize>load<u32>(tile, 20) + skip;
    for (let k = 0; k < length; k++) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let t = v128.load_splat<f32>(a0);
      c00 = madd(t, b0, c00);
      c01 = madd(t, b1, c01);
      t = v128.load_splat<f32>(a1);
      c10 = madd(t, b0, c10);
      c11 = madd(t, b1, c11);
      t = v128.load_splat<f32>(a2);
      c20 = madd(t, b0, c20);
      c21 = madd(t, b1, c21);
      t = v128.load_splat<f32>(a3);
      c30 = madd(t, b0, c30);
      c31 = madd(t, b1, c31);
      t = v128.load_splat<f32>(a4);
      c40 = madd(t, b0, c40);
      c41 = madd(t, b1, c41);
      t = v128.load_splat<f32>(a5);
      c50 = madd(t, b0, c50);
      c51 = madd(t, b1, c51);
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      a4 += 4;
      a5 += 4;
      b += bStep;
    }
  }
  if (whole(8)) {
    const low = f32x4.splat(lowest), high = f32x4.splat(highest);
    const s0 = biasAt(0);
    const s1 = biasAt(16);
    let c = <usize>load<u32>(tile, 24) + shift;
    put(c, c00, s0, low, high);
    put(c + 16, c01, s1, low, high);
    c = <usize>load<u32>(tile, 28) + shift;
    put(c, c10, s0, low, high);
    put(c + 16, c11, s1, low, high);
    c = <usize>load<u32>(tile, 32) + shift;
    put(c, c20, s0, low, high);
    put(c + 16, c21, s1, low, high);
    c = <usize>load<u32>(tile, 36) + shift;
    put(c, c30, s0, low, high);
    put(c + 16, c31, s1, low, high);
    c = <usize>load<u32>(tile, 40) + shift;
    put(c, c40, s0, low, high);
    put(c + 16, c41, s1, low, high);
    c = <usize>load<u32>(tile, 44) + shift;
    put(c, c50, s0, low, high);
    put(c + 16, c51, s1, low, high);
  } else {
    v128.store(spill, c00, 0);
    v128.store(spill, c01, 16);
    v128.store(spill, c10, 32);
    v128.store(spill, c11, 48);
    v128.store(spill, c20, 64);
    v128.store(spill, c21, 80);
    v128.store(spill, c30, 96);
    v128.store(spill, c31, 112);
    v128.store(spill, c40, 128);
    v128.store(spill, c41, 144);
    v128.store(spill, c50, 160);
    v128.store(spill, c51, 176);
    putEdge(tile);
  }
}

/** Six rows from six places, 4 columns. `table` holds the byte offsets of the segments, each `length` floats long. */
export function rows4(tile: usize, table: usize, segments: i32, length: i32, b: usize, bStep: usize): void {
  let c00 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  for (let s = 0; s < segments; s++) {
    const skip = <usize>load<u32>(table + (<usize>s << 2));
    let a0 = <usize>load<u32>(tile, 0) + skip;
    let a1 = <usize>load<u32>(tile, 4) + skip;
    let a2 = <usize>load<u32>(tile, 8) + skip;
    let a3 = <usize>load<u32>(tile, 12) + skip;
    let a4 = <usize>load<u32>(tile, 16) + skip;
    let a5 = <usize>load<u32>(tile, 20) + skip;
    for (let k = 0; k < length; k++) {
      const b0 = v128.load(b);
      let t = v128.load_splat<f32>(a0);
      c00 = madd(t, b0, c00);
      t = v128.load_splat<f32>(a1);
      c10 = madd(t, b0, c10);
      t = v128.load_splat<f32>(a2);
      c20 = madd(t, b0, c20);
      t = v128.load_splat<f32>(a3);
      c30 = madd(t, b0, c30);
      t = v128.load_splat<f32>(a4);
      c40 = madd(t, b0, c40);
      t = v128.load_splat<f32>(a5);
      c50 = madd(t, b0, c50);
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      a4 += 4;
      a5 += 4;
      b += bStep;
    }
  }
  if (whole(4)) {
    const low = f32x4.splat(lowest), high = f32x4.splat(highest);
    const s0 = biasAt(0);
    let c = <usize>load<u32>(tile, 24) + shift;
    put(c, c00, s0, low, high);
    c = <usize>load<u32>(tile, 28) + shift;
    put(c, c10, s0, low, high);
    c = <usize>load<u32>(tile, 32) + shift;
    put(c, c20, s0, low, high);
    c = <usize>load<u32>(tile, 36) + shift;
    put(c, c30, s0, low, high);
    c = <usize>load<u32>(tile, 40) + shift;
    put(c, c40, s0, low, high);
    c = <usize>load<u32>(tile, 44) + shift;
    put(c, c50, s0, low, high);
  } else {
    v128.store(spill, c00, 0);
    v128.store(spill, c10, 32);
    v128.store(spill, c20, 64);
    v128.store(spill, c30, 96);
    v128.store(spill, c40, 128);
    v128.store(spill, c50, 160);
    putEdge(tile);
  }
}

/** Six adjacent rows of a transposed A, 8 columns: at each step six floats at `a`; steps run over a box of `images` × `lines` × `count`. */
export function columns8(
  tile: usize,
  a: usize,
  images: i32,
  imageStep: usize,
  lines: i32,
  lineStep: usize,
  count: i32,
  aStep: usize,
  b: usize,
  bStep: usize,
): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  let c40 = f32x4.splat(0), c41 = f32x4.splat(0);
  let c50 = f32x4.splat(0), c51 = f32x4.splat(0);
  for (let n = 0; n < images; n++) {
    let line = a + <usize>n * imageStep;
    for (let y = 0; y < lines; y++) {
      let p = line;
      for (let x = 0; x < count; x++) {
        const b0 = v128.load(b);
        const b1 = v128.load(b, 16);
        let t = v128.load_splat<f32>(p);
        c00 = madd(t, b0, c00);
        c01 = madd(t, b1, c01);
        t = v128.load_splat<f32>(p, 4);
        c10 = madd(t, b0, c10);
        c11 = madd(t, b1, c11);
        t = v128.load_splat<f32>(p, 8);
        c20 = madd(t, b0, c20);
        c21 = madd(t, b1, c21);
        t = v128.load_splat<f32>(p, 12);
        c30 = madd(t, b0, c30);
        c31 = madd(t, b1, c31);
        t = v128.load_splat<f32>(p, 16);
        c40 = madd(t, b0, c40);
        c41 = madd(t, b1, c41);
        t = v128.load_splat<f32>(p, 20);
        c50 = madd(t, b0, c50);
        c51 = madd(t, b1, c51);
        p += aStep;
        b += bStep;
      }
      line += lineStep;
    }
  }
  if (whole(8)) {
    const low = f32x4.splat(lowest), high = f32x4.splat(highest);
    const s0 = biasAt(0);
    const s1 = biasAt(16);
    let c = <usize>load<u32>(tile, 24) + shift;
    put(c, c00, s0, low, high);
    put(c + 16, c01, s1, low, high);
    c = <usize>load<u32>(tile, 28) + shift;
    put(c, c10, s0, low, high);
    put(c + 16, c11, s1, low, high);
    c = <usize>load<u32>(tile, 32) + shift;
    put(c, c20, s0, low, high);
    put(c + 16, c21, s1, low, high);
    c = <usize>load<u32>(tile, 36) + shift;
    put(c, c30, s0, low, high);
    put(c + 16, c31, s1, low, high);
    c = <usize>load<u32>(tile, 40) + shift;
    put(c, c40, s0, low, high);
    put(c + 16, c41, s1, low, high);
    c = <usize>load<u32>(tile, 44) + shift;
    put(c, c50, s0, low, high);
    put(c + 16, c51, s1, low, high);
  } else {
    v128.store(spill, c00, 0);
    v128.store(spill, c01, 16);
    v128.store(spill, c10, 32);
    v128.store(spill, c11, 48);
    v128.store(spill, c20, 64);
    v128.store(spill, c21, 80);
    v128.store(spill, c30, 96);
    v128.store(spill, c31, 112);
    v128.store(spill, c40, 128);
    v128.store(spill, c41, 144);
    v128.store(spill, c50, 160);
    v128.store(spill, c51, 176);
    putEdge(tile);
  }
}

/** Six adjacent rows of a transposed A, 4 columns: at each step six floats at `a`; steps run over a box of `images` × `lines` × `count`. */
export function columns4(
  tile: usize,
  a: usize,
  images: i32,
  imageStep: usize,
  lines: i32,
  lineStep: usize,
  count: i32,
  aStep: usize,
  b: usize,
  bStep: usize,
): void {
  let c00 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c40 = f32x4.splat(0);
  let c50 = f32x4.splat(0);
  for (let n = 0; n < images; n++) {
    let line = a + <usize>n * imageStep;
    for (let y = 0; y < lines; y++) {
      let p = line;
      for (let x = 0; x < count; x++) {
        const b0 = v128.load(b);
        let t = v128.load_splat<f32>(p);
        c00 = madd(t, b0, c00);
        t = v128.load_splat<f32>(p, 4);
        c10 = madd(t, b0, c10);
        t = v128.load_splat<f32>(p, 8);
        c20 = madd(t, b0, c20);
        t = v128.load_splat<f32>(p, 12);
        c30 = madd(t, b0, c30);
        t = v128.load_splat<f32>(p, 16);
        c40 = madd(t, b0, c40);
        t = v128.load_splat<f32>(p, 20);
        c50 = madd(t, b0, c50);
        p += aStep;
        b += bStep;
      }
      line += lineStep;
    }
  }
  if (whole(4)) {
    const low = f32x4.splat(lowest), high = f32x4.splat(highest);
    const s0 = biasAt(0);
    let c = <usize>load<u32>(tile, 24) + shift;
    put(c, c00, s0, low, high);
    c = <usize>load<u32>(tile, 28) + shift;
    put(c, c10, s0, low, high);
    c = <usize>load<u32>(tile, 32) + shift;
    put(c, c20, s0, low, high);
    c = <usize>load<u32>(tile, 36) + shift;
    put(c, c30, s0, low, high);
    c = <usize>load<u32>(tile, 40) + shift;
    put(c, c40, s0, low, high);
    c = <usize>load<u32>(tile, 44) + shift;
    put(c, c50, s0, low, high);
  } else {
    v128.store(spill, c00, 0);
    v128.store(spill, c10, 32);
    v128.store(spill, c20, 64);
    v128.store(spill, c30, 96);
    v128.store(spill, c40, 128);
    v128.store(spill, c50, 160);
    putEdge(tile);
  }
}
