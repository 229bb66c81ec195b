/**
 * The input gradient of a convolution without padding whose outputs are much fewer than its inputs: each output's gradient times the filter is
 * added to the inputs that it came from, a row of taps being one run of floats. `convolution.ts` would mostly multiply the zeros around
 * the outputs. Blocks count pictures.
 *
 * Words: those of `convolution.ts`, with output gradient, filter, input gradient | pictures of a block.
 */
import { address, int } from './lanes';
import { rows4, rows8, setEpilogue, setExtent, spillBytes, tileBytes } from './micro';
import { packTransposed, panelBytes, panelStep } from './pack';
import { clear } from './strip';

export function convolutionInputScatter(args: usize, begin: i32, end: i32, scratch: usize): void {
  const lines = int(args, 8) * int(args, 9);
  const depth = int(args, 10);
  const image = <usize>(int(args, 5) * int(args, 6) * int(args, 7)) << 2;
  const table = scratch + spillBytes;
  const panels = table + 16;
  const length = int(args, 12) * int(args, 7);
  const taps = panelBytes(depth, length);
  const records = panels + <usize>int(args, 11) * taps;
  store<u32>(table, 0);
  setEpilogue(-Infinity, Infinity, true, scratch);
  const step = <usize>depth << 2;
  for (let y = 0; y < int(args, 11); y++)
    packTransposed(address(args, 1) + <usize>(y * length) * step, step, depth, length, panels + <usize>y * taps);
  const last = min(int(args, 4), end * int(args, 21));
  for (let n = begin * int(args, 21); n < last; n += int(args, 21)) {
    const images = min(int(args, 21), last - n);
    clear(address(args, 2) + <usize>n * image, <usize>images * image);
    aim(args, n, images, records);
    for (let y = 0; y < int(args, 11); y++) add(args, y, images * lines, records, table, panels + <usize>y * taps);
  }
}

/** The records of tiles of six outputs: where their gradients are, and the first of the inputs that each came from. */
function aim(args: usize, image: i32, images: i32, records: usize): void {
  const pixel = <usize>int(args, 7) << 2;
  const step = <usize>int(args, 10) << 2;
  const columns = int(args, 9);
  let from = address(args, 0) + <usize>(image * int(args, 8) * columns) * step;
  let p = 0;
  for (let n = image; n < image + images; n++) {
    for (let y = 0; y < int(args, 8); y++) {
      let to = address(args, 2) + <usize>((n * int(args, 5) + y * int(args, 13)) * int(args, 6)) * pixel;
      for (let x = 0; x < columns; x++) {
        const at = records + <usize>(p / 6) * tileBytes + (<usize>(p % 6) << 2);
        store<u32>(at, <u32>from);
        store<u32>(at, <u32>to, 24);
        from += step;
        to += <usize>int(args, 14) * pixel;
        p++;
      }
    }
  }
  // Rows that are computed to fill a tile, not stored.
  for (; p % 6 != 0; p++) store<u32>(records + <usize>(p / 6) * tileBytes + (<usize>(p % 6) << 2), address(args, 0));
}

/** Adds what passes back through the taps of row `y` of the filter. */
function add(args: usize, y: i32, positions: i32, records: usize, table: usize, panel: usize): void {
  const depth = int(args, 10);
  const length = int(args, 12) * int(args, 7);
  const down = <usize>(y * int(args, 15) * int(args, 6) * int(args, 7)) << 2;
  for (let j = 0; j < length; j += 8) {
    const room = panelStep(length, j);
    let record = records;
    for (let p = 0; p < positions; p += 6) {
      setExtent(min(6, positions - p), min(8, length - j), down + (<usize>j << 2), 0);
      if (room == 32) rows8(record, table, 1, depth, panel, 32);
      else rows4(record, table, 1, depth, panel, 16);
      record += tileBytes;
    }
    panel += <usize>depth * room;
  }
}
