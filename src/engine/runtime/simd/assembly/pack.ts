/**
 * B as the micro-kernels want it: panels of eight columns, row by row, one behind the other; a last panel of up to four columns has four.
 * What a panel has too many of is zero.
 */

/** Bytes of one row of the panel that starts at column `j` of `n`. */
@inline
export function panelStep(n: i32, j: i32): usize {
  return n - j > 4 ? 32 : 16;
}

/** Bytes of all panels of a matrix of `k` rows and `n` columns. */
export function panelBytes(k: i32, n: i32): usize {
  const last = n & 7;
  return <usize>k * <usize>((n & ~7) + (last == 0 ? 0 : last > 4 ? 8 : 4)) * 4;
}

/** Rows lie `step` bytes apart. */
export function packPanels(from: usize, step: usize, k: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const width = n - j;
    let row = from + (<usize>j << 2);
    if (width >= 8) {
      for (let p = 0; p < k; p++) {
        v128.store(to, v128.load(row));
        v128.store(to, v128.load(row, 16), 16);
        row += step;
        to += 32;
      }
    } else {
      const room = panelStep(n, j);
      for (let p = 0; p < k; p++) {
        packRow(row, width, room, to);
        row += step;
        to += room;
      }
    }
  }
}

@inline
function packRow(row: usize, width: i32, room: usize, to: usize): void {
  v128.store(to, f32x4.splat(0));
  if (room == 32) v128.store(to, f32x4.splat(0), 16);
  for (let c = 0; c < width; c++) store<f32>(to + (<usize>c << 2), load<f32>(row + (<usize>c << 2)));
}

/** Of a transposed matrix: `n` rows, `step` bytes apart, of `k` floats become columns. */
export function packTransposed(from: usize, step: usize, k: i32, n: i32, to: usize): void {
  for (let j = 0; j < n; j += 8) {
    const width = min(8, n - j);
    const room = panelStep(n, j);
    for (let half = 0; half < <i32>(room >> 4); half++) {
      const left = width - 4 * half;
      const row = from + <usize>(j + 4 * half) * step;
      const at = to + (<usize>half << 4);
      if (left >= 4) transposeFour(row, step, k, room, at);
      else transposeFew(row, step, k, left, room, at);
    }
    to += <usize>k * room;
  }
}

/** Four rows of `k` floats become `k` rows of four, `room` bytes apart. */
function transposeFour(row: usize, step: usize, k: i32, room: usize, to: usize): void {
  let p = 0;
  for (; p <= k - 4; p += 4) {
    const a = v128.load(row);
    const b = v128.load(row + step);
    const c = v128.load(row + 2 * step);
    const d = v128.load(row + 3 * step);
    const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(ab0, cd0, 0, 2));
    v128.store(to + room, v128.shuffle<f64>(ab0, cd0, 1, 3));
    v128.store(to + 2 * room, v128.shuffle<f64>(ab1, cd1, 0, 2));
    v128.store(to + 3 * room, v128.shuffle<f64>(ab1, cd1, 1, 3));
    row += 16;
    to += 4 * room;
  }
  for (; p < k; p++) {
    for (let c: usize = 0; c < 4; c++) store<f32>(to + (c << 2), load<f32>(row + c * step));
    row += 4;
    to += room;
  }
}

function transposeFew(row: usize, step: usize, k: i32, rows: i32, room: usize, to: usize): void {
  for (let p = 0; p < k; p++) {
    v128.store(to, f32x4.splat(0));
    for (let c = 0; c < rows; c++) store<f32>(to + (<usize>c << 2), load<f32>(row + <usize>c * step));
    row += 4;
    to += room;
  }
}
