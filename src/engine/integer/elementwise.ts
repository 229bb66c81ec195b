/** Operators on one code at a time: sums, products, rectifiers, and what goes from one grid to another. */
import type { Fused } from '../formats/tflite/write/options.ts';
import {
  coarseRescaler,
  factorInFloat32,
  type Kernels,
  type Multiplier,
  multiply,
  quantizeMultiplier,
  rescaler,
} from './fixed-point.ts';
import { eachCode, eachPair, type Kept } from './tables.ts';
import { activationRange, clamp, type IntegerOutput, type IntegerTensor, scaleOf } from './tensors.ts';

/** What these need of their operator beside its inputs. */
export interface Elementwise {
  readonly output: IntegerOutput;
  readonly kernels: Kernels;
  readonly kept: Kept;
}

/** ADD and SUB: both inputs are brought to 20 more bits of twice the larger scale; the second counts with its sign. */
export function sum(a: IntegerTensor, b: IntegerTensor, sign: 1 | -1, fused: Fused, { output, kept }: Elementwise): Int8Array {
  return eachPair([a, b], output, kept, () => {
    const twice = 2 * Math.max(scaleOf(a), scaleOf(b));
    const [left, right] = [quantizeMultiplier(scaleOf(a) / twice), quantizeMultiplier(scaleOf(b) / twice)];
    const factor = quantizeMultiplier(twice / (2 ** 20 * scaleOf(output)));
    const [low, high] = activationRange(output, fused);
    const scaled = (zeroPoint: number, own: Multiplier): Float64Array =>
      Float64Array.from({ length: 256 }, (_, i) => multiply((i - 128 - zeroPoint) * 2 ** 20, own));
    const [lefts, rights] = [scaled(a.zeroPoint, left), scaled(b.zeroPoint, right)];
    return (x, y) => {
      const total = (lefts[x + 128] as number) + sign * (rights[y + 128] as number);
      return clamp(multiply(total, factor) + output.zeroPoint, low, high);
    };
  });
}

export function product(a: IntegerTensor, b: IntegerTensor, fused: Fused, { output, kernels, kept }: Elementwise): Int8Array {
  return eachPair([a, b], output, kept, () => {
    // The interpreter multiplies and divides these scales as float32.
    const factor = rescaler(kernels, factorInFloat32(scaleOf(a), scaleOf(b), scaleOf(output)), 1, 1);
    const [low, high] = activationRange(output, fused);
    return (x, y) => clamp(factor((x - a.zeroPoint) * (y - b.zeroPoint)) + output.zeroPoint, low, high);
  });
}

/** MAXIMUM and MINIMUM of codes on one grid. */
export function extreme(a: IntegerTensor, b: IntegerTensor, which: 'max' | 'min', { output, kept }: Elementwise): Int8Array {
  return eachPair([a, b], output, kept, () => Math[which]);
}

/** RELU and RELU6 on a grid of their own. */
export function rectify(x: IntegerTensor, fused: Fused, { output, kept }: Elementwise): Int8Array {
  return eachCode(x, kept, () => {
    const factor = quantizeMultiplier(scaleOf(x) / scaleOf(output));
    const [low, high] = activationRange(output, fused);
    return (code) => clamp(multiply(code - x.zeroPoint, factor) + output.zeroPoint, low, high);
  });
}

/** QUANTIZE from one grid to another. */
export function rescale(x: IntegerTensor, { output, kernels, kept }: Elementwise): Int8Array {
  return eachCode(x, kept, () => {
    const factor = coarseRescaler(kernels, scaleOf(x) / scaleOf(output));
    return (code) => clamp(factor(code - x.zeroPoint) + output.zeroPoint, -128, 127);
  });
}

/** LEAKY_RELU; its slope is a float32 number. */
export function leakyRelu(x: IntegerTensor, alpha: number, { output, kernels, kept }: Elementwise): Int8Array {
  return eachCode(x, kept, () => {
    const above = coarseRescaler(kernels, scaleOf(x) / scaleOf(output));
    const below = coarseRescaler(kernels, (scaleOf(x) * Math.fround(alpha)) / scaleOf(output));
    return (code) => {
      const value = code - x.zeroPoint;
      return clamp((value >= 0 ? above(value) : below(value)) + output.zeroPoint, -128, 127);
    };
  });
}

/** PRELU, with slopes on a grid of their own. */
export function prelu(x: IntegerTensor, alpha: IntegerTensor, { output, kept }: Elementwise): Int8Array {
  return eachPair([x, alpha], output, kept, () => {
    const above = quantizeMultiplier(scaleOf(x) / scaleOf(output));
    const below = quantizeMultiplier((scaleOf(x) * scaleOf(alpha)) / scaleOf(output));
    return (code, slope) => {
      const value = code - x.zeroPoint;
      const y = value >= 0 ? multiply(value, above) : multiply(value * (slope - alpha.zeroPoint), below);
      return clamp(y + output.zeroPoint, -128, 127);
    };
  });
}
