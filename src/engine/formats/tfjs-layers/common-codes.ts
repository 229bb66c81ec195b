/**
 * The codes of a grid per channel on one grid of scale 1, code − zero, once the scales are taken elsewhere. Channels of a symmetric
 * grid share their zero point, which may lie halfway between two codes (binary kernels), and keep their codes. Asymmetric ones are
 * counted from their zero points, whole numbers wherever the range covers 0, and may need nine bits: uint16.
 */
import { type AffineEncoding, axisStride, decode } from '../../model/encoding.ts';
import type { Weight } from '../../model/model.ts';

/** The tensor as codes on one grid of scale 1; undefined where a channel's zero lies between codes and the channels differ. */
export function commonCodes(weight: Weight, encoding: AffineEncoding): Weight | undefined {
  const zeros = Array.from(encoding.scale, (scale, c) => -(encoding.min[c] ?? 0) / scale);
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
  const [first = 0] = zeros;
  if (zeros.every((zero) => near(zero, first))) {
    const half = Math.round(first * 2) / 2;
    return unitGrid(weight, encoding, encoding.codes, near(first, half) ? half : first);
  }
  if (zeros.some((zero) => !near(zero, Math.round(zero)))) return undefined;
  const { whole, low, high } = countedFromZero(weight, encoding, zeros.map(Math.round));
  if (high - low > 0xffff) return undefined;
  const codes = high - low > 0xff ? new Uint16Array(whole.length) : new Uint8Array(whole.length);
  for (let i = 0; i < codes.length; i++) codes[i] = (whole[i] as number) - low;
  return unitGrid(weight, encoding, codes, -low);
}

function countedFromZero({ shape }: Weight, { codes, axis }: AffineEncoding, zeros: readonly number[]) {
  const whole = new Int32Array(codes.length);
  const stride = axisStride(shape, axis ?? 0);
  let low = 0;
  let high = 0;
  for (let start = 0, channel = 0; start < codes.length; start += stride, channel = (channel + 1) % zeros.length) {
    const zero = zeros[channel] as number;
    for (let i = start; i < start + stride; i++) {
      const level = (codes[i] as number) - zero;
      whole[i] = level;
      if (level < low) low = level;
      if (level > high) high = level;
    }
  }
  return { whole, low, high };
}

function unitGrid(weight: Weight, { symmetric }: AffineEncoding, codes: AffineEncoding['codes'], zero: number): Weight {
  const encoding: AffineEncoding = {
    kind: 'affine',
    bits: codes instanceof Uint16Array ? 16 : 8,
    symmetric,
    axis: null,
    scale: Float64Array.of(1),
    min: Float64Array.of(0 - zero),
    codes,
  };
  return { ...weight, values: decode(encoding, weight.shape), encoding };
}
