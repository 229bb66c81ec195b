/** Operators on one code at a time: sums, products, rectifiers, and what goes from one grid to another. */
import type { Fused } from '../formats/tflite/write/options.ts';
import { multiply, quantizeMultiplier } from './fixed-point.ts';
import { activationRange, broadcastIndex, clamp, type IntegerOutput, type IntegerTensor, scaleOf, sizeOf } from './tensors.ts';

/** Calls `combine` for each pair of elements, both stretched to the output's shape. */
function pairs(
  [a, b]: readonly [IntegerTensor, IntegerTensor],
  output: IntegerOutput,
  combine: (left: number, right: number) => number,
): Int8Array {
  const [lefts, rights] = [broadcastIndex(a.shape, output.shape), broadcastIndex(b.shape, output.shape)];
  return Int8Array.from({ length: sizeOf(output.shape) }, (_, i) =>
    combine(a.codes[lefts[i] as number] as number, b.codes[rights[i] as number] as number),
  );
}

/** ADD: both inputs are brought to 20 more bits of twice the larger scale. */
export function add(a: IntegerTensor, b: IntegerTensor, fused: Fused, output: IntegerOutput): Int8Array {
  const twice = 2 * Math.max(scaleOf(a), scaleOf(b));
  const [left, right] = [quantizeMultiplier(scaleOf(a) / twice), quantizeMultiplier(scaleOf(b) / twice)];
  const sum = quantizeMultiplier(twice / (2 ** 20 * scaleOf(output)));
  const [low, high] = activationRange(output, fused);
  return pairs([a, b], output, (x, y) => {
    const total = multiply((x - a.zeroPoint) * 2 ** 20, left) + multiply((y - b.zeroPoint) * 2 ** 20, right);
    return clamp(multiply(total, sum) + output.zeroPoint, low, high);
  });
}

export function product(a: IntegerTensor, b: IntegerTensor, fused: Fused, output: IntegerOutput): Int8Array {
  const factor = quantizeMultiplier(Math.fround(Math.fround(scaleOf(a) * scaleOf(b)) / scaleOf(output)));
  const [low, high] = activationRange(output, fused);
  return pairs([a, b], output, (x, y) =>
    clamp(multiply((x - a.zeroPoint) * (y - b.zeroPoint), factor) + output.zeroPoint, low, high),
  );
}

/** MAXIMUM and MINIMUM of codes on one grid. */
export function extreme(a: IntegerTensor, b: IntegerTensor, which: 'max' | 'min', output: IntegerOutput): Int8Array {
  return pairs([a, b], output, (x, y) => Math[which](x, y));
}

/** The codes on another grid, from `low` to `high`: QUANTIZE of integers, RELU and RELU6. */
export function rescale(x: IntegerTensor, output: IntegerOutput, low = -128, high = 127): Int8Array {
  const factor = quantizeMultiplier(scaleOf(x) / scaleOf(output));
  return Int8Array.from(x.codes, (code) => clamp(multiply(code - x.zeroPoint, factor) + output.zeroPoint, low, high));
}

/** LEAKY_RELU; its slope is a float32 number. */
export function leakyRelu(x: IntegerTensor, alpha: number, output: IntegerOutput): Int8Array {
  const above = quantizeMultiplier(scaleOf(x) / scaleOf(output));
  const below = quantizeMultiplier((scaleOf(x) * Math.fround(alpha)) / scaleOf(output));
  return Int8Array.from(x.codes, (code) => {
    const value = code - x.zeroPoint;
    return clamp(multiply(value, value >= 0 ? above : below) + output.zeroPoint, -128, 127);
  });
}

/** PRELU, with slopes on a grid of their own. */
export function prelu(x: IntegerTensor, alpha: IntegerTensor, output: IntegerOutput): Int8Array {
  const above = quantizeMultiplier(scaleOf(x) / scaleOf(output));
  const below = quantizeMultiplier((scaleOf(x) * scaleOf(alpha)) / scaleOf(output));
  return pairs([x, alpha], output, (code, slope) => {
    const value = code - x.zeroPoint;
    const y = value >= 0 ? multiply(value, above) : multiply(value * (slope - alpha.zeroPoint), below);
    return clamp(y + output.zeroPoint, -128, 127);
  });
}
