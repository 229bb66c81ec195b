/**
 * Functions that the interpreter looks up: σ, tanh, elu and gelu from a table of the 256 codes, softmax and log-softmax from a table of
 * exponentials in float32. HARD_SWISH is computed with 16-bit numbers.
 */
import { roundHalfAway } from '../model/activation-grid.ts';
import { eachCode, type Kept } from './tables.ts';
import { clamp, type IntegerOutput, type IntegerTensor, scaleOf } from './tensors.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** erf to 1.2e-7 (Numerical Recipes, 6.2.2): far finer than any code. */
function erf(x: number): number {
  const t = 1 / (1 + Math.abs(x) / 2);
  const powers = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
  ];
  const tail = t * Math.exp(powers.reduce((sum, factor, power) => sum + factor * t ** power, -x * x));
  return x >= 0 ? 1 - tail : tail - 1;
}

export const lookedUp = {
  LOGISTIC: sigmoid,
  TANH: Math.tanh,
  ELU: (x: number) => (x < 0 ? Math.expm1(x) : x),
  GELU: (x: number) => (x / 2) * (1 + erf(x * Math.SQRT1_2)),
} as const;

/** A function of the numbers that codes stand for. */
export function lookUp(x: IntegerTensor, apply: (value: number) => number, output: IntegerOutput, kept: Kept): Int8Array {
  return eachCode(x, kept, () => {
    const inverse = Math.fround(1 / scaleOf(output));
    return (code) => {
      const value = Math.fround(scaleOf(x) * (code - x.zeroPoint));
      return clamp(roundHalfAway(Math.fround(Math.fround(apply(value)) * inverse)) + output.zeroPoint, -128, 127);
    };
  });
}

/** Rows of codes along the last axis, with the table e^(−scale · i) and their sum. */
function eachRow(x: IntegerTensor, visit: (from: number, to: number, largest: number, exponential: Float32Array) => void): void {
  const step = -scaleOf(x);
  const exponential = Float32Array.from({ length: 256 }, (_, below) => Math.exp(Math.fround(step * below)));
  const width = x.shape.at(-1) ?? 1;
  for (let from = 0; from < x.codes.length; from += width) {
    let largest = -128;
    for (let i = from; i < from + width; i++) largest = Math.max(largest, x.codes[i] as number);
    visit(from, from + width, largest, exponential);
  }
}

/** SOFTMAX on the grid 1/256, −128. */
export function softmax(x: IntegerTensor, output: IntegerOutput): Int8Array {
  const codes = new Int8Array(x.codes.length);
  eachRow(x, (from, to, largest, exponential) => {
    let sum = 0;
    const of = (i: number) => exponential[largest - (x.codes[i] as number)] as number;
    for (let i = from; i < to; i++) sum = Math.fround(sum + of(i));
    const inverse = Math.fround(1 / Math.fround(sum * scaleOf(output)));
    for (let i = from; i < to; i++)
      codes[i] = clamp(Math.floor(Math.fround(Math.fround(of(i) * inverse) + 0.5)) + output.zeroPoint, -128, 127);
  });
  return codes;
}

/** LOG_SOFTMAX on the grid 16/256, 127. */
export function logSoftmax(x: IntegerTensor, output: IntegerOutput): Int8Array {
  const codes = new Int8Array(x.codes.length);
  const scale = Math.fround(scaleOf(x) / scaleOf(output));
  eachRow(x, (from, to, largest, exponential) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum = Math.fround(sum + (exponential[largest - (x.codes[i] as number)] as number));
    const logSum = Math.fround(Math.log(sum));
    const offset = Math.fround(Math.fround(Math.fround(scaleOf(x) * largest) + logSum) / scaleOf(output));
    for (let i = from; i < to; i++) {
      const place = Math.fround(Math.fround(scale * (x.codes[i] as number)) - offset);
      codes[i] = clamp(roundHalfAway(place) + output.zeroPoint, -128, 127);
    }
  });
  return codes;
}
