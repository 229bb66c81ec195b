/**
 * A window into pictures that may reach beyond their edges: the tensor itself where it doesn't, else a copy with zeros around. Pictures
 * are [height, width, channels]; rows and columns of the window count from −padding.
 */

/** The window's first pixel, and the bytes from row to row and from picture to picture. */
export let stripBase: usize = 0;
export let stripRow: usize = 0;
export let stripImage: usize = 0;

/** The window of `rows` × `columns` pixels from (`top`, `left`) on of `images` pictures; `to` has room for a copy. */
export function openStrip(
  from: usize,
  images: i32,
  height: i32,
  width: i32,
  pixel: usize,
  top: i32,
  rows: i32,
  left: i32,
  columns: i32,
  to: usize,
): void {
  const row = <usize>width * pixel;
  const image = <usize>height * row;
  if (top >= 0 && left >= 0 && top + rows <= height && left + columns <= width) {
    stripBase = from + <usize>top * row + <usize>left * pixel;
    stripRow = row;
    stripImage = image;
    return;
  }
  stripBase = to;
  stripRow = <usize>columns * pixel;
  stripImage = <usize>rows * stripRow;
  // Columns of zeros, of the picture, and of zeros again.
  const before = min(columns, max(0, -left));
  const within = max(0, min(columns, width - left) - before);
  const after = columns - before - within;
  for (let n = 0; n < images; n++) {
    for (let y = top; y < top + rows; y++) {
      if (y < 0 || y >= height || within == 0) {
        to = clear(to, stripRow);
        continue;
      }
      to = clear(to, <usize>before * pixel);
      to = copy(from + <usize>y * row + <usize>(left + before) * pixel, to, <usize>within * pixel);
      to = clear(to, <usize>after * pixel);
    }
    from += image;
  }
}

/** Zeros; gives the address behind them. */
export function clear(to: usize, bytes: usize): usize {
  const end = to + bytes;
  while (to + 16 <= end) {
    v128.store(to, f32x4.splat(0));
    to += 16;
  }
  while (to < end) {
    store<f32>(to, 0);
    to += 4;
  }
  return end;
}

/** A copy; gives the address behind it. */
export function copy(from: usize, to: usize, bytes: usize): usize {
  const end = to + bytes;
  while (to + 16 <= end) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
  while (to < end) {
    store<f32>(to, load<f32>(from));
    from += 4;
    to += 4;
  }
  return end;
}
