/**
 * Depthwise convolutions of int8 codes, one filter per channel; lanes are channels. Blocks count rows of outputs.
 *
 * Words: those of `integer-convolution.ts`; kernels are [places of the window, channels] of 16 bits with whole eights of channels.
 */
import { eight, rescaled, storeCodes } from './integer-lanes';
import { address, float, int } from './lanes';

export function integerDepthwise(args: usize, begin: i32, end: i32, _scratch: usize): void {
  const rows = int(args, 10);
  const columns = int(args, 11);
  const last = min(rows, end * int(args, 27));
  for (let row = begin * int(args, 27); row < last; row++)
    for (let column = 0; column < columns; column++) pixel(args, row, column, row * columns + column);
}

/** The first place of a window that is not before the picture, and the first behind it. */
@inline
function first(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

@inline
function behind(start: i32, dilation: i32, length: i32, taps: i32): i32 {
  return min(taps, (length - start + dilation - 1) / dilation);
}

function pixel(args: usize, row: i32, column: i32, target: i32): void {
  const height = int(args, 5);
  const width = int(args, 6);
  const channels = int(args, 7);
  const taps = int(args, 16);
  const down = int(args, 19);
  const across = int(args, 20);
  const top = row * int(args, 17) - int(args, 21);
  const left = column * int(args, 18) - int(args, 22);
  const firstRow = first(top, down);
  const endRow = behind(top, down, height, int(args, 15));
  const firstColumn = first(left, across);
  const endColumn = behind(left, across, width, taps);
  const stride = <usize>((channels + 7) & ~7) << 1;
  const hop = <usize>(across * channels);
  const zeroPoint = i16x8.splat(<i16>int(args, 23));
  for (let c = 0; c < channels; c += 8) {
    let low = v128.load(address(args, 2) + (<usize>c << 2));
    let high = v128.load(address(args, 2) + (<usize>c << 2), 16);
    for (let i = firstRow; i < endRow; i++) {
      let x = address(args, 0) + <usize>(((top + i * down) * width + left + firstColumn * across) * channels + c);
      let w = address(args, 1) + <usize>(i * taps + firstColumn) * stride + (<usize>c << 1);
      for (let j = firstColumn; j < endColumn; j++, x += hop, w += stride) {
        const values = eight(x, zeroPoint);
        const weights = v128.load(w);
        low = i32x4.add(low, i32x4.extmul_low_i16x8_s(values, weights));
        high = i32x4.add(high, i32x4.extmul_high_i16x8_s(values, weights));
      }
    }
    const factors = address(args, 3) + (<usize>c << 2);
    const least = float(args, 25);
    const most = float(args, 26);
    const a = rescaled(low, v128.load(factors), least, most);
    const b = rescaled(high, v128.load(factors, 16), least, most);
    storeCodes(address(args, 4) + <usize>(target * channels + c), a, b, i16x8.splat(<i16>int(args, 24)), channels - c);
  }
}
