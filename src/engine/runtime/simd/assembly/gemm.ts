/**
 * C = A·B, either transposed, many at once, with a row of bias, accumulation and a clamp; matrices are row-major with a step between rows.
 * The loops are Goto's: a slice of K rows of B is packed once per run of blocks, six rows of A stay near while its panels stream by.
 * Blocks count products first, then columns of C, then rows.
 *
 * Words: a b c bias | m n k | lda ldb ldc | batches, steps between products of a b c | transposed a, b | low high |
 * rows and columns of a block | accumulate. Steps count floats.
 */
import { address, float, int } from './lanes';
import { columns4, columns8, rows4, rows8, setEpilogue, setExtent, spillBytes, tileBytes } from './micro';
import { packPanels, packTransposed, panelStep } from './pack';

/** Rows of B in a slice at most: a panel of 32 bytes a row and six rows of A fit the first cache. */
const deepest: i32 = 512;

export function gemm(args: usize, begin: i32, end: i32, scratch: usize): void {
  const m = int(args, 4);
  const n = int(args, 5);
  const rows = int(args, 18);
  const width = int(args, 19);
  const down = (m + rows - 1) / rows;
  const across = (n + width - 1) / width;
  for (let block = begin; block < end; ) {
    const first = block % down;
    const last = min(down, first + end - block);
    const column = (block / down) % across;
    product(args, block / down / across, column * width, min(width, n - column * width), first * rows, min(m, last * rows), scratch);
    block += last - first;
  }
}

/** Rows `top` to `bottom` and `width` columns from `left` on of one product. */
function product(args: usize, batch: i32, left: i32, width: i32, top: i32, bottom: i32, scratch: usize): void {
  const m = int(args, 4);
  const k = int(args, 6);
  const lda = <usize>int(args, 7) << 2;
  const ldb = <usize>int(args, 8) << 2;
  const ldc = <usize>int(args, 9) << 2;
  const a = address(args, 0) + ((<usize>batch * <usize>int(args, 11)) << 2);
  const b = address(args, 1) + ((<usize>batch * <usize>int(args, 12)) << 2);
  const c = address(args, 2) + ((<usize>batch * <usize>int(args, 13) + <usize>left) << 2);
  const bias = address(args, 3) ? address(args, 3) + (<usize>left << 2) : 0;
  const turnedA = int(args, 14) != 0;
  const turnedB = int(args, 15) != 0;
  const accumulate = int(args, 20) != 0;
  // Few rows don't pay for packing.
  const packs = turnedB || m > 12;
  const tile = scratch;
  const table = tile + tileBytes;
  store<u32>(table, 0);
  const spill = table + 16;
  const panels = spill + spillBytes;
  const depth = (k + slices(k) - 1) / slices(k);
  let from = 0;
  do {
    const deep = min(depth, k - from);
    const ends = from + deep >= k;
    setEpilogue(ends ? float(args, 16) : -Infinity, ends ? float(args, 17) : Infinity, from > 0 || accumulate, spill);
    const slice = turnedB ? b + <usize>left * ldb + (<usize>from << 2) : b + <usize>from * ldb + (<usize>left << 2);
    if (turnedB) packTransposed(slice, ldb, deep, width, panels);
    else if (packs) packPanels(slice, ldb, deep, width, panels);
    for (let i = top; i < bottom; i += 6) {
      const valid = min(6, bottom - i);
      aimRows(tile, c + <usize>i * ldc, ldc, valid, 24);
      if (!turnedA) aimRows(tile, a + <usize>i * lda + (<usize>from << 2), lda, valid, 0);
      const turned = a + <usize>from * lda + (<usize>i << 2);
      let panel = packs ? panels : slice;
      for (let j = 0; j < width; j += 8) {
        const wide = width - j > 4;
        const room = panelStep(width, j);
        const step = packs ? room : ldb;
        setExtent(valid, min(8, width - j), <usize>j << 2, ends && bias ? bias + (<usize>j << 2) : 0);
        if (turnedA) {
          if (wide) columns8(tile, turned, 1, 0, 1, 0, deep, lda, panel, step);
          else columns4(tile, turned, 1, 0, 1, 0, deep, lda, panel, step);
        } else if (wide) rows8(tile, table, 1, deep, panel, step);
        else rows4(tile, table, 1, deep, panel, step);
        panel += packs ? <usize>deep * room : 32;
      }
    }
    from += deep;
  } while (from < k);
}

@inline
function slices(k: i32): i32 {
  return max(1, (k + deepest - 1) / deepest);
}

/** Six addresses into a tile's record, `step` apart; those behind the last valid row repeat it. */
function aimRows(tile: usize, start: usize, step: usize, valid: i32, at: usize): void {
  for (let i = 0; i < 6; i++) store<u32>(tile + at + (<usize>i << 2), <u32>(start + <usize>min(i, valid - 1) * step));
}
