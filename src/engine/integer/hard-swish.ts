/**
 * HARD_SWISH in 16-bit numbers, as TFLite's reference kernel: x · relu6(x + 3) / 6 with x on 7 more bits, the gate on a grid of 3/32768,
 * and products that keep their upper 16 bits.
 */
import { quantizeMultiplier, roundingShift } from './fixed-point.ts';
import { eachCode, type Kept } from './tables.ts';
import { clamp, type IntegerOutput, type IntegerTensor, scaleOf } from './tensors.ts';

const int16 = (x: number): number => clamp(x, -32768, 32767);
/** Upper half of the doubled product, to the nearest. */
function highProduct(a: number, b: number): number {
  if (a === -32768 && b === -32768) return 32767;
  const product = a * b;
  return Math.trunc((product + (product >= 0 ? 2 ** 14 : 1 - 2 ** 14)) / 2 ** 15);
}

/** A factor with a mantissa of 16 bits. */
function shortMultiplier(factor: number): { readonly mantissa: number; readonly shift: number } {
  const { mantissa, shift } = quantizeMultiplier(factor);
  return { mantissa: mantissa >= 32767 * 65536 ? 32767 : Math.floor((mantissa + 32768) / 65536), shift };
}

export function hardSwish(x: IntegerTensor, output: IntegerOutput, kept: Kept): Int8Array {
  return eachCode(x, kept, () => gated(x, output));
}

function gated(x: IntegerTensor, output: IntegerOutput): (code: number) => number {
  const fine = Math.fround(scaleOf(x) / 128);
  const gain = shortMultiplier(Math.fround(fine / scaleOf(output)));
  const gate = shortMultiplier(Math.fround(fine / Math.fround(3 / 32768)));
  return (code) => {
    const value = int16((code - x.zeroPoint) * 128);
    const scaled = highProduct(value, gain.mantissa);
    let reluish = value;
    if (gate.shift > 0) reluish = int16(reluish * 2 ** (gate.shift - 1));
    reluish = highProduct(reluish, gate.mantissa);
    if (gate.shift > 0) reluish = int16(reluish * 2);
    if (gate.shift < 0) reluish = roundingShift(reluish, -gate.shift);
    reluish = Math.floor((reluish + 32768) / 2);
    const y = Math.trunc((reluish * scaled) / 2 ** 15);
    return clamp(roundingShift(y, -gain.shift) + output.zeroPoint, -128, 127);
  };
}
