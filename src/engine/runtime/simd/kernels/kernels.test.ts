/**
 * Each SIMD kernel against loops in double precision over random shapes. What a sum of n products may be off is n roundings of the sum of
 * their magnitudes (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), so that the bound is counted along.
 */
import { expect, test } from 'vitest';
import { createRng } from '../../../math/rng.ts';
import { Rig } from '../../../testing/simd.ts';
import {
  convolution,
  convolutionInputGradient,
  filterGradient,
  filterParts,
  filterSum,
  type WindowShape,
} from './convolution.ts';
import {
  depthwise,
  depthwiseFilterGradient,
  depthwiseFilterParts,
  depthwiseFilterSum,
  depthwiseInputGradient,
} from './depthwise.ts';
import { type GemmArgs, gemm } from './gemm.ts';
import type { Clamp } from './kernel.ts';
import { pool, poolGradient } from './pool.ts';

const rng = createRng(20);
const between = (low: number, high: number): number => low + rng.integer(high - low + 1);
const chance = (): boolean => rng.integer(2) === 1;
const pick = <T>(values: readonly T[]): T => values[rng.integer(values.length)] as T;
const normal = (count: number): Float32Array => Float32Array.from({ length: count }, () => rng.normal());
const clamps: readonly Clamp[] = ['linear', 'relu', 'relu6'];
const epsilon = 2 ** -23;

/** A sum in double precision that knows its bound. */
interface Sum {
  value: number;
  size: number;
  terms: number;
}

const sumOf = (value = 0): Sum => ({ value, size: Math.abs(value), terms: 1 });

function add(sum: Sum, term: number): void {
  sum.value += term;
  sum.size += Math.abs(term);
  sum.terms += 1;
}

function clamped(sum: Sum, clamp: Clamp): Sum {
  const low = clamp === 'linear' ? sum.value : Math.max(0, sum.value);
  return { ...sum, value: clamp === 'relu6' ? Math.min(6, low) : low };
}

/** The largest share of its bound that a result is off by. */
function worst(actual: Float32Array, expected: readonly Sum[]): number {
  expect(actual.length).toBe(expected.length);
  let most = 0;
  expected.forEach(({ value, size, terms }, i) => {
    const off = Math.abs((actual[i] as number) - value) / ((terms + 2) * epsilon * size + 1e-37);
    most = Math.max(most, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
  });
  return most;
}

test('matrix products in all forms', () => {
  for (let round = 0; round < 60; round++) {
    const [m, n] = [between(1, 40), between(1, 40)];
    const k = round % 10 === 0 ? between(380, 800) : between(0, 50);
    const batches = between(1, 3);
    const [transposeA, transposeB, accumulate, biased] = [chance(), chance(), chance(), chance()];
    const clamp = pick(clamps);
    const [stepA, stepB, stepC] = [(transposeA ? m : k) + between(0, 3), (transposeB ? k : n) + between(0, 3), n];
    const [rowsA, rowsB] = transposeA ? [k, transposeB ? n : k] : [m, transposeB ? n : k];
    const [batchA, batchB, batchC] = [rowsA * stepA, chance() ? 0 : rowsB * stepB, m * n];
    const [a, b, bias, c] = [normal(batches * batchA), normal(batches * rowsB * stepB), normal(n), normal(batches * batchC)];
    const rig = new Rig();
    const args: GemmArgs = {
      ...{ a: rig.put(a), b: rig.put(b), c: rig.put(c), bias: biased ? rig.put(bias) : 0 },
      ...{ m, n, k, stepA, stepB, stepC, batches, batchA, batchB, batchC, transposeA, transposeB, clamp, accumulate },
    };
    rig.run([gemm, args]);
    const expected = Array.from(c, (before, at) => {
      const [batch, i, j] = [Math.floor(at / batchC), Math.floor((at % batchC) / n), at % n];
      const sum = sumOf(accumulate ? before : 0);
      if (biased) add(sum, bias[j] as number);
      for (let p = 0; p < k; p++) {
        const x = a[batch * batchA + (transposeA ? p * stepA + i : i * stepA + p)] as number;
        add(sum, x * (b[batch * batchB + (transposeB ? j * stepB + p : p * stepB + j)] as number));
      }
      return clamped(sum, clamp);
    });
    expect(worst(rig.get(args.c, c.length), expected), JSON.stringify(args)).toBeLessThan(1);
  }
});

test('NaN and infinities pass through products and clamps as IEEE says', () => {
  const rig = new Rig();
  const a = rig.put([Number.NaN, 1, Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, 1]);
  const c = rig.room(6);
  rig.run([gemm, { a, b: rig.put([1, 0, 1, 1]), c, m: 3, n: 2, k: 2, clamp: 'relu6' }]);
  expect([...rig.get(c, 6)]).toEqual([Number.NaN, Number.NaN, 6, Number.NaN, 0, Number.NaN]);
});

/** A window operation of random sizes, whether or not its padding is that of any framework. */
function randomWindow(maxChannels: number): WindowShape {
  const [filterHeight, filterWidth] = [between(1, 4), between(1, 4)];
  const [strideHeight, strideWidth, dilationHeight, dilationWidth] = [between(1, 3), between(1, 3), between(1, 2), between(1, 2)];
  const [padTop, padLeft] = [between(0, filterHeight), between(0, filterWidth)];
  const [outHeight, outWidth] = [between(1, 9), between(1, 9)];
  const reach = (out: number, stride: number, taps: number, dilation: number, pad: number): number =>
    Math.max(1, (out - 1) * stride + (taps - 1) * dilation + 1 - pad - between(0, taps - 1));
  return {
    batch: between(1, 5),
    inHeight: reach(outHeight, strideHeight, filterHeight, dilationHeight, padTop),
    inWidth: reach(outWidth, strideWidth, filterWidth, dilationWidth, padLeft),
    inChannels: between(1, maxChannels),
    outChannels: between(1, maxChannels),
    ...{
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      dilationHeight,
      dilationWidth,
      padTop,
      padLeft,
    },
  };
}

/** Calls `use` with the places of output and input, and the tap, of every product of a window operation on NHWC pictures. */
function eachTap(shape: WindowShape, use: (outPlace: number, inPlace: number, tap: number) => void): void {
  const { batch, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = shape;
  for (let n = 0; n < batch; n++)
    for (let y = 0; y < outHeight; y++)
      for (let x = 0; x < outWidth; x++)
        for (let tap = 0; tap < filterHeight * filterWidth; tap++) {
          const row = y * shape.strideHeight - shape.padTop + Math.floor(tap / filterWidth) * shape.dilationHeight;
          const column = x * shape.strideWidth - shape.padLeft + (tap % filterWidth) * shape.dilationWidth;
          if (row < 0 || row >= inHeight || column < 0 || column >= inWidth) continue;
          use((n * outHeight + y) * outWidth + x, (n * inHeight + row) * inWidth + column, tap);
        }
}

const inputs = ({ batch, inHeight, inWidth }: WindowShape): number => batch * inHeight * inWidth;
const outputs = ({ batch, outHeight, outWidth }: WindowShape): number => batch * outHeight * outWidth;
const sums = (count: number): Sum[] => Array.from({ length: count }, () => sumOf());

test('convolutions and the gradients of their inputs and filters, any stride, dilation and padding', () => {
  for (let round = 0; round < 60; round++) {
    const shape = randomWindow(round % 3 === 0 ? 21 : 7);
    const { inChannels: c, outChannels: f, filterHeight, filterWidth } = shape;
    const [x, dy] = [normal(inputs(shape) * c), normal(outputs(shape) * f)];
    const [filter, bias] = [normal(filterHeight * filterWidth * c * f), normal(f)];
    const clamp = pick(clamps);
    const [y, dx, dw] = [sums(dy.length), sums(x.length), sums(filter.length)];
    for (const [i, sum] of y.entries()) add(sum, bias[i % f] as number);
    eachTap(shape, (out, into, tap) => {
      for (let i = 0; i < c; i++)
        for (let j = 0; j < f; j++) {
          const at = (tap * c + i) * f + j;
          const [value, weight, slope] = [x[into * c + i], filter[at], dy[out * f + j]] as [number, number, number];
          add(y[out * f + j] as Sum, value * weight);
          add(dx[into * c + i] as Sum, slope * weight);
          add(dw[at] as Sum, value * slope);
        }
    });
    const rig = new Rig();
    const at = { x: rig.put(x), dy: rig.put(dy), filter: rig.put(filter), bias: rig.put(bias) };
    const made = { y: rig.room(dy.length), dx: rig.room(x.length), dw: rig.room(filter.length) };
    rig.run([convolution, { shape, clamp, x: at.x, filter: at.filter, bias: at.bias, y: made.y }]);
    rig.run([convolutionInputGradient, { shape, dy: at.dy, filter: at.filter, dx: made.dx }]);
    const args = { shape, x: at.x, dy: at.dy, parts: rig.room(filterParts(shape) * filter.length) };
    rig.run([filterGradient, args]);
    const [kernel, summed] = filterSum(args, made.dw);
    rig.run([kernel, summed]);
    const told = JSON.stringify(shape);
    expect(
      worst(
        rig.get(made.y, y.length),
        y.map((sum) => clamped(sum, clamp)),
      ),
      `y ${told}`,
    ).toBeLessThan(1);
    expect(worst(rig.get(made.dx, dx.length), dx), `dx ${told}`).toBeLessThan(1);
    expect(worst(rig.get(made.dw, dw.length), dw), `dw ${told}`).toBeLessThan(1);
  }
});

test('depthwise convolutions and their gradients, any multiplier', () => {
  for (let round = 0; round < 50; round++) {
    const any = randomWindow(round % 2 === 0 ? 37 : 5);
    const c = any.inChannels;
    const multiplier = round % 3 === 0 ? between(2, 3) : 1;
    const f = c * multiplier;
    const shape: WindowShape = { ...any, outChannels: f };
    const [x, dy] = [normal(inputs(shape) * c), normal(outputs(shape) * f)];
    const [filter, bias] = [normal(shape.filterHeight * shape.filterWidth * f), normal(f)];
    const clamp = pick(clamps);
    const [y, dx, dw] = [sums(dy.length), sums(x.length), sums(filter.length)];
    for (const [i, sum] of y.entries()) add(sum, bias[i % f] as number);
    eachTap(shape, (out, into, tap) => {
      for (let j = 0; j < f; j++) {
        const i = into * c + Math.floor(j / multiplier);
        const [value, weight, slope] = [x[i], filter[tap * f + j], dy[out * f + j]] as [number, number, number];
        add(y[out * f + j] as Sum, value * weight);
        add(dx[i] as Sum, slope * weight);
        add(dw[tap * f + j] as Sum, value * slope);
      }
    });
    const rig = new Rig();
    const at = { x: rig.put(x), dy: rig.put(dy), filter: rig.put(filter), bias: rig.put(bias) };
    const made = { y: rig.room(dy.length), dx: rig.room(x.length), dw: rig.room(filter.length) };
    rig.run([depthwise, { shape, clamp, x: at.x, filter: at.filter, bias: at.bias, y: made.y }]);
    rig.run([depthwiseInputGradient, { shape, dy: at.dy, filter: at.filter, dx: made.dx }]);
    const args = { shape, x: at.x, dy: at.dy, parts: rig.room(depthwiseFilterParts(shape) * filter.length) };
    rig.run([depthwiseFilterGradient, args]);
    const [kernel, summed] = depthwiseFilterSum(args, made.dw);
    rig.run([kernel, summed]);
    const told = JSON.stringify(shape);
    expect(
      worst(
        rig.get(made.y, y.length),
        y.map((sum) => clamped(sum, clamp)),
      ),
      `y ${told}`,
    ).toBeLessThan(1);
    expect(worst(rig.get(made.dx, dx.length), dx), `dx ${told}`).toBeLessThan(1);
    expect(worst(rig.get(made.dw, dw.length), dw), `dw ${told}`).toBeLessThan(1);
  }
});

test('pools and their gradients: the first of equal maxima, means of what is within the picture', () => {
  for (let round = 0; round < 40; round++) {
    const any = randomWindow(11);
    const c = any.inChannels;
    const shape: WindowShape = { ...any, outChannels: c };
    // Few different values, so that maxima are equal.
    const x = Float32Array.from({ length: inputs(shape) * c }, () => rng.integer(4) - 2);
    const dy = normal(outputs(shape) * c);
    const counts = new Array<number>(outputs(shape)).fill(0);
    eachTap(shape, (out) => {
      counts[out] = (counts[out] as number) + 1;
    });
    const [means, meanSlopes, maxSlopes] = [sums(dy.length), sums(x.length), sums(x.length)];
    const maxima = new Float32Array(dy.length).fill(Number.NEGATIVE_INFINITY);
    const places = new Int32Array(dy.length).fill(-1);
    eachTap(shape, (out, into) => {
      for (let i = 0; i < c; i++) {
        const [to, from] = [out * c + i, into * c + i];
        add(means[to] as Sum, (x[from] as number) / (counts[out] as number));
        add(meanSlopes[from] as Sum, (dy[to] as number) / (counts[out] as number));
        if ((x[from] as number) > (maxima[to] as number)) [maxima[to], places[to]] = [x[from] as number, from];
      }
    });
    places.forEach((from, to) => {
      if (from >= 0) add(maxSlopes[from] as Sum, dy[to] as number);
    });
    // A window wholly outside has no mean.
    for (const [i, sum] of means.entries()) if (counts[Math.floor(i / c)] === 0) sum.value = Number.NaN;
    const rig = new Rig();
    const at = { shape, x: rig.put(x), dy: rig.put(dy) };
    const [y, mean, dx] = [rig.room(dy.length), rig.room(dy.length), rig.room(x.length)];
    rig.run([pool, { ...at, kind: 'max', y }], [pool, { ...at, kind: 'mean', y: mean }]);
    expect(rig.get(y, dy.length)).toEqual(maxima);
    const found = rig.get(mean, dy.length);
    const within = means.filter(({ value }) => !Number.isNaN(value));
    expect(
      worst(
        found.filter((_, i) => !Number.isNaN((means[i] as Sum).value)),
        within,
      ),
    ).toBeLessThan(1);
    rig.run([poolGradient, { ...at, kind: 'max', dx }]);
    expect(worst(rig.get(dx, x.length), maxSlopes)).toBeLessThan(1);
    rig.run([poolGradient, { ...at, kind: 'mean', dx }]);
    expect(worst(rig.get(dx, x.length), meanSlopes)).toBeLessThan(1);
  }
});
