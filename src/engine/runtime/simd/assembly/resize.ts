/**
 * Bilinear interpolation of NHWC pictures by TF.js' rules: place i of n' lies at i · n / n', with centred pixels at (i + ½) n / n' − ½, with
 * aligned corners at i (n − 1) / (n' − 1). Blocks count rows of outputs, over all pictures; lanes are channels.
 *
 * Words: x y | images, height, width, channels | new height, width | corners aligned, pixels centred | rows of a block.
 */
import { address, int } from './lanes';
import { storeFew } from './elementwise';

/** What `locate` found: the places on either side, and how far towards the later one. */
let low: i32 = 0;
let high: i32 = 0;
let share: f32 = 0;

function locate(args: usize, axis: usize, place: i32): void {
  const size = int(args, 3 + axis);
  const edge = int(args, 8) != 0 && int(args, 6 + axis) > 1 ? 1 : 0;
  const ratio = <f64>(size - edge) / <f64>(int(args, 6 + axis) - edge);
  const at = int(args, 9) ? ratio * (<f64>place + 0.5) - 0.5 : ratio * <f64>place;
  low = max(0, <i32>floor(at));
  high = min(size - 1, <i32>ceil(at));
  share = <f32>(at - <f64>low);
}

/** Scratch memory has a record for each column: two offsets and the share. */
export function resizeBilinear(args: usize, begin: i32, end: i32, scratch: usize): void {
  const channels = int(args, 5);
  const pixel = <usize>channels << 2;
  const row = <usize>int(args, 4) * pixel;
  const columns = int(args, 7);
  for (let x = 0; x < columns; x++) {
    const record = scratch + <usize>x * 12;
    locate(args, 1, x);
    store<u32>(record, <u32>low * <u32>pixel);
    store<u32>(record, <u32>high * <u32>pixel, 4);
    store<f32>(record, share, 8);
  }
  const lines = int(args, 6);
  const last = min(int(args, 2) * lines, end * int(args, 10));
  for (let line = begin * int(args, 10); line < last; line++) {
    locate(args, 0, line % lines);
    const image = address(args, 0) + <usize>(line / lines) * <usize>int(args, 3) * row;
    const top = image + <usize>low * row;
    const bottom = image + <usize>high * row;
    const down = f32x4.splat(share);
    let to = address(args, 1) + <usize>(line * columns) * pixel;
    for (let x = 0; x < columns; x++) {
      const record = scratch + <usize>x * 12;
      const left = <usize>load<u32>(record);
      const right = <usize>load<u32>(record, 4);
      const across = v128.load_splat<f32>(record, 8);
      for (let c = 0; c < channels; c += 4) {
        const at = <usize>c << 2;
        const above = between(v128.load(top + left + at), v128.load(top + right + at), across);
        const below = between(v128.load(bottom + left + at), v128.load(bottom + right + at), across);
        const value = between(above, below, down);
        if (channels - c < 4) storeFew(to + at, value, channels - c);
        else v128.store(to + at, value);
      }
      to += pixel;
    }
  }
}

@inline
function between(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), share));
}
