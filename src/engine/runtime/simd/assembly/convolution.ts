/**
 * Convolutions of NHWC pictures with HWIO filters, and what their inputs' gradients are: sums over taps. A tap is how many rows and columns
 * an output's place is away from the input's, a filter's taps beside each other read one run of floats, so that pictures are multiplied where
 * they lie (an indirect GEMM: Dukhan, The Indirect Convolution Algorithm, 2019). With a stride the gradient falls into phases: inputs whose
 * places leave the same remainder use the same taps, and each phase is a convolution without stride.
 *
 * Words: source filter target bias | images, height and width of the input, channels | height and width of the output, filters | height,
 * width, strides down and across, dilations, padding above and left | low high | images and rows of a block.
 */
import { address, float, int } from './lanes';
import { rows4, rows8, setEpilogue, setExtent, spillBytes } from './micro';
import { packPanels, packTransposed, panelBytes, panelStep } from './pack';
import { openStrip, stripBase, stripImage, stripRow } from './strip';

/** A tile's record, and behind it the first of the taps down the filter that its places use, and the first that they don't. */
const tileBytes: usize = 64;

/** The source: its size, its floats per pixel, and how far it moves from one output to the next. */
let source: usize = 0;
let height: i32 = 0;
let width: i32 = 0;
let depth: i32 = 0;
let stepY: i32 = 1;
let stepX: i32 = 1;
/** The target: bytes between pictures, rows and columns; how many columns; floats per pixel, and their bias. */
let target: usize = 0;
let targetImage: usize = 0;
let targetRow: usize = 0;
let targetColumn: usize = 0;
let targetWidth: i32 = 0;
let channels: i32 = 0;
let bias: usize = 0;
/** Taps, ascending, and which row or column of the filter each is. */
let tapsY: i32 = 0;
let tapsX: i32 = 0;
let tapY: usize = 0;
let tapX: usize = 0;
let filterY: usize = 0;
let filterX: usize = 0;
/** Scratch memory: segments, room for incomplete tiles, packed filter; then records of tiles and the strip. */
let table: usize = 0;
let spill: usize = 0;
let panels: usize = 0;
let records: usize = 0;

export function convolution(args: usize, begin: i32, end: i32, scratch: usize): void {
  const outHeight = int(args, 8);
  target = address(args, 2);
  source = address(args, 0);
  bias = address(args, 3);
  height = int(args, 5);
  width = int(args, 6);
  depth = int(args, 7);
  stepY = int(args, 13);
  stepX = int(args, 14);
  targetWidth = int(args, 9);
  channels = int(args, 10);
  targetColumn = <usize>channels << 2;
  targetRow = <usize>targetWidth * targetColumn;
  targetImage = <usize>outHeight * targetRow;
  layOut(args, scratch);
  tapsY = 0;
  for (let i = 0; i < int(args, 11); i++) tapsY = addTap(tapY, filterY, tapsY, i * int(args, 15) - int(args, 17), i);
  tapsX = 0;
  for (let i = 0; i < int(args, 12); i++) tapsX = addTap(tapX, filterX, tapsX, i * int(args, 16) - int(args, 18), i);
  packPanels(address(args, 1), targetColumn, tapsY * tapsX * depth, channels, panels);
  setEpilogue(float(args, 19), float(args, 20), false, spill);
  const down = cuts(outHeight, int(args, 22));
  for (let block = begin; block < end; block++) piece(args, block, down, outHeight);
}

export function convolutionInputGradient(args: usize, begin: i32, end: i32, scratch: usize): void {
  source = address(args, 0);
  bias = 0;
  height = int(args, 8);
  width = int(args, 9);
  depth = int(args, 10);
  stepY = 1;
  stepX = 1;
  channels = int(args, 7);
  const pixel = <usize>channels << 2;
  const row = <usize>int(args, 6) * pixel;
  const strideY = int(args, 13);
  const strideX = int(args, 14);
  targetImage = <usize>int(args, 5) * row;
  targetRow = <usize>strideY * row;
  targetColumn = <usize>strideX * pixel;
  layOut(args, scratch);
  setEpilogue(-Infinity, Infinity, false, spill);
  // Every phase has the blocks of the largest.
  const down = cuts(cuts(int(args, 5), strideY), int(args, 22));
  const perPhase = down * cuts(int(args, 4), int(args, 21));
  let packed = -1;
  for (let block = begin; block < end; block++) {
    const phase = block / perPhase;
    const phaseY = phase / strideX;
    const phaseX = phase % strideX;
    if (phase != packed) {
      packed = phase;
      target = address(args, 2) + <usize>phaseY * row + <usize>phaseX * pixel;
      targetWidth = max(0, cuts(int(args, 6) - phaseX, strideX));
      tapsY = 0;
      for (let i = int(args, 11) - 1; i >= 0; i--) {
        const away = phaseY + int(args, 17) - i * int(args, 15);
        if (away % strideY == 0) tapsY = addTap(tapY, filterY, tapsY, away / strideY, i);
      }
      tapsX = 0;
      for (let i = int(args, 12) - 1; i >= 0; i--) {
        const away = phaseX + int(args, 18) - i * int(args, 16);
        if (away % strideX == 0) tapsX = addTap(tapX, filterX, tapsX, away / strideX, i);
      }
      packTurned(address(args, 1), int(args, 12));
    }
    piece(args, block % perPhase, down, max(0, cuts(int(args, 5) - phaseY, strideY)));
  }
}

/** Into how many parts of `size` a whole is cut. */
@inline
function cuts(whole: i32, size: i32): i32 {
  return (whole + size - 1) / size;
}

function layOut(args: usize, scratch: usize): void {
  const taps = <usize>(int(args, 11) * int(args, 12));
  const down = <usize>int(args, 11) << 2;
  const across = <usize>int(args, 12) << 2;
  spill = scratch;
  tapY = spill + spillBytes;
  filterY = tapY + down;
  tapX = filterY + down;
  filterX = tapX + across;
  table = filterX + across;
  panels = (table + (taps << 2) + 15) & ~15;
  records = panels + panelBytes(<i32>taps * depth, channels);
}

@inline
function addTap(offsets: usize, indices: usize, count: i32, offset: i32, index: i32): i32 {
  store<i32>(offsets + (<usize>count << 2), offset);
  store<i32>(indices + (<usize>count << 2), index);
  return count + 1;
}

@inline
function entry(list: usize, index: i32): i32 {
  return load<i32>(list + (<usize>index << 2));
}

/** The filter [.., columns, channels, depth] with channels and depth exchanged, the taps in their own order. */
function packTurned(filter: usize, columns: i32): void {
  const step = <usize>depth << 2;
  let to = panels;
  for (let j = 0; j < channels; j += 8) {
    const room = panelStep(channels, j);
    for (let y = 0; y < tapsY; y++) {
      for (let x = 0; x < tapsX; x++) {
        const tap = entry(filterY, y) * columns + entry(filterX, x);
        packTransposed(filter + <usize>(tap * channels + j) * step, step, depth, min(8, channels - j), to);
        to += <usize>depth * room;
      }
    }
  }
}

/** One block of a sweep: targets of some pictures, `rows` rows each, cut into `down` blocks. */
function piece(args: usize, block: i32, down: i32, rows: i32): void {
  const lines = int(args, 22);
  const image = (block / down) * int(args, 21);
  const images = min(int(args, 21), int(args, 4) - image);
  const top = (block % down) * lines;
  const count = min(lines, rows - top);
  if (count <= 0 || targetWidth <= 0) return;
  const positions = images * count * targetWidth;
  const strip = records + <usize>((positions + 5) / 6) * tileBytes;
  const pixel = <usize>depth << 2;
  let segments = 0;
  let length = 0;
  let firstY = 0;
  let firstX = 0;
  let spanY = 0;
  let spanX = 0;
  if (tapsY > 0 && tapsX > 0) {
    firstY = entry(tapY, 0);
    firstX = entry(tapX, 0);
    spanY = entry(tapY, tapsY - 1) - firstY;
    spanX = entry(tapX, tapsX - 1) - firstX;
    // Taps side by side read one run of floats.
    const joined = spanX == tapsX - 1;
    segments = joined ? tapsY : tapsY * tapsX;
    length = joined ? tapsX * depth : depth;
  }
  openStrip(
    source + <usize>image * <usize>(height * width) * pixel,
    images,
    height,
    width,
    pixel,
    top * stepY + firstY,
    (count - 1) * stepY + spanY + 1,
    firstX,
    (targetWidth - 1) * stepX + spanX + 1,
    strip,
  );
  const each = segments / max(1, tapsY);
  for (let s = 0; s < segments; s++) {
    const down = <usize>(entry(tapY, s / each) - firstY) * stripRow;
    store<u32>(table + (<usize>s << 2), <u32>(down + <usize>(entry(tapX, s % each) - firstX) * pixel));
  }
  aim(positions, image, top, count, pixel);
  multiply(positions, each, length);
}

/**
 * The records of all tiles: where the sources and the targets of six positions are. Taps above and below the picture, for all six, are left
 * out: the whole border of a gradient of an unpadded convolution is such.
 */
function aim(positions: i32, image: i32, top: i32, count: i32, pixel: usize): void {
  const right = <usize>stepX * pixel;
  let n = 0;
  let y = 0;
  let x = 0;
  let from = stripBase;
  let to = target + <usize>image * targetImage + <usize>top * targetRow;
  let used = firstTap(top);
  let unused = endTap(top);
  for (let p = 0; p < positions; p++) {
    const record = records + <usize>(p / 6) * tileBytes;
    const at = record + (<usize>(p % 6) << 2);
    store<u32>(at, <u32>from);
    store<u32>(at, <u32>to, 24);
    if (p % 6 == 0) {
      store<i32>(record, used, 48);
      store<i32>(record, unused, 52);
    } else if (x == 0) {
      store<i32>(record, min(load<i32>(record, 48), used), 48);
      store<i32>(record, max(load<i32>(record, 52), unused), 52);
    }
    from += right;
    to += targetColumn;
    if (++x == targetWidth) {
      x = 0;
      if (++y == count) {
        y = 0;
        n++;
      }
      from = stripBase + <usize>n * stripImage + <usize>(y * stepY) * stripRow;
      to = target + <usize>(image + n) * targetImage + <usize>(top + y) * targetRow;
      used = firstTap(top + y);
      unused = endTap(top + y);
    }
  }
  // Rows that are computed to fill a tile, not stored.
  for (let p = positions; p % 6 != 0; p++) {
    store<u32>(records + <usize>(p / 6) * tileBytes + (<usize>(p % 6) << 2), <u32>stripBase);
  }
}

/** The first of the taps at a row of targets that is not above the picture. */
function firstTap(row: i32): i32 {
  let tap = 0;
  while (tap < tapsY && row * stepY + entry(tapY, tap) < 0) tap++;
  return tap;
}

/** The first of the taps that is below the picture. */
function endTap(row: i32): i32 {
  let tap = tapsY;
  while (tap > 0 && row * stepY + entry(tapY, tap - 1) >= height) tap--;
  return tap;
}

/** `each` segments of `length` floats for each of the taps down. */
function multiply(positions: i32, each: i32, length: i32): void {
  let panel = panels;
  for (let j = 0; j < channels; j += 8) {
    const room = panelStep(channels, j);
    const right = <usize>j << 2;
    const shift = bias ? bias + right : 0;
    const tapBytes = <usize>(tapsX * depth) * room;
    let record = records;
    for (let p = 0; p < positions; p += 6) {
      setExtent(min(6, positions - p), min(8, channels - j), right, shift);
      const used = load<i32>(record, 48);
      const segments = max(0, load<i32>(record, 52) - used) * each;
      const list = table + (<usize>(used * each) << 2);
      const from = panel + <usize>used * tapBytes;
      if (room == 32) rows8(record, list, segments, length, from, 32);
      else rows4(record, list, segments, length, from, 16);
      record += tileBytes;
    }
    panel += <usize>tapsY * tapBytes;
  }
}
