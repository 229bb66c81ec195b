/**
 * Sums down the columns of a matrix, of the products with another's numbers too, which bias gradients and normalization need. Blocks of rows
 * leave parts behind, `sumParts` adds them.
 */
import { address, int } from './lanes';

/** Words: x parts | rows columns | rows of a block. */
export function columnParts(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const rows = int(args, 2);
  const columns = int(args, 3);
  const tall = int(args, 4);
  const step = <usize>columns << 2;
  for (let block = begin; block < end; block++) {
    const part = address(args, 1) + <usize>block * step;
    const top = block * tall;
    sumColumns(address(args, 0) + <usize>top * step, min(tall, rows - top), columns, part);
  }
}

/** Sixteen columns at once, down all rows. */
export function sumColumns(x: usize, rows: i32, columns: i32, to: usize): void {
  const step = <usize>columns << 2;
  let j = 0;
  for (; j + 16 <= columns; j += 16) {
    let p = x + (<usize>j << 2);
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    for (let i = 0; i < rows; i++) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      s2 = f32x4.add(s2, v128.load(p, 32));
      s3 = f32x4.add(s3, v128.load(p, 48));
      p += step;
    }
    const at = to + (<usize>j << 2);
    v128.store(at, s0);
    v128.store(at, s1, 16);
    v128.store(at, s2, 32);
    v128.store(at, s3, 48);
  }
  for (; j + 4 <= columns; j += 4) {
    let p = x + (<usize>j << 2);
    let sum = f32x4.splat(0);
    for (let i = 0; i < rows; i++) {
      sum = f32x4.add(sum, v128.load(p));
      p += step;
    }
    v128.store(to + (<usize>j << 2), sum);
  }
  for (; j < columns; j++) {
    let p = x + (<usize>j << 2);
    let sum: f32 = 0;
    for (let i = 0; i < rows; i++) {
      sum += load<f32>(p);
      p += step;
    }
    store<f32>(to + (<usize>j << 2), sum);
  }
}
