/**
 * Each SIMD kernel against loops in double precision over random shapes. What a sum of n products may be off is n roundings of the sum of
 * their magnitudes (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), so that the bound is counted along.
 */
import { expect, test } from 'vitest';
import { createRng } from '../../../math/rng.ts';
import { roundHalfEven } from '../../../math/rounding.ts';
import { fakeQuantize } from '../../../model/activation-grid.ts';
import { Rig } from '../../../testing/simd.ts';
import { sumOfSquares } from '../../../train/clip.ts';
import { createOptimizer, optimizerStep as plainStep, stepFactors } from '../../../train/optimizer.ts';
import { copyBox, fill } from './boxes.ts';
import {
  canScatter,
  convolution,
  convolutionInputGradient,
  convolutionInputScatter,
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
import { type BinaryOperation, binary, type Spread, type UnaryOperation, unary } from './elementwise.ts';
import { fewRows, type GemmArgs, gemm } from './gemm.ts';
import { roundToGrid } from './grid.ts';
import { type IntegerConvolutionArgs, integerConvolution, integerDepthwise, packedChannels, packedUnits } from './integers.ts';
import type { Clamp } from './kernel.ts';
import {
  columnParts,
  momentParts,
  moments,
  normalize,
  normalizeGradient,
  normalizeGradientParts,
  rowParts,
} from './normalization.ts';
import { optimizerStep, spansOf, squareParts } from './optimizer.ts';
import { pool, poolGradient } from './pool.ts';
import { gruStep, gruStepGradient, lstmStep, lstmStepGradient } from './recurrent.ts';
import { resizeBilinear } from './resize.ts';
import { type RowReduction, reduceRows } from './rows.ts';
import { softmax, softmaxCrossEntropy } from './softmax.ts';
import { sumParts } from './sums.ts';

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

test('products of few rows', () => {
  for (let round = 0; round < 20; round++) {
    const [m, n, k] = [between(1, 4), between(1, 150), between(0, 60)];
    const clamp = pick(clamps);
    const [a, b, bias] = [normal(m * k), normal(k * n), normal(n)];
    const biased = chance();
    const rig = new Rig();
    const args = { a: rig.put(a), b: rig.put(b), c: rig.room(m * n), bias: biased ? rig.put(bias) : 0, m, n, k, clamp };
    rig.run([fewRows, args]);
    const expected = Array.from({ length: m * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      const sum = sumOf();
      if (biased) add(sum, bias[j] as number);
      for (let p = 0; p < k; p++) add(sum, (a[i * k + p] as number) * (b[p * n + j] as number));
      return clamped(sum, clamp);
    });
    expect(worst(rig.get(args.c, m * n), expected), JSON.stringify(args)).toBeLessThan(1);
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

/** A window operation that stays within its picture, over pixels side by side. */
function unpadded(maxChannels: number): WindowShape {
  const any = randomWindow(maxChannels);
  const reach = (out: number, stride: number, taps: number, dilation: number): number =>
    (out - 1) * stride + (taps - 1) * dilation + 1 + between(0, 2);
  return {
    ...{ ...any, padTop: 0, padLeft: 0, dilationWidth: 1 },
    inHeight: reach(any.outHeight, any.strideHeight, any.filterHeight, any.dilationHeight),
    inWidth: reach(any.outWidth, any.strideWidth, any.filterWidth, 1),
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
    const shape = (round % 2 === 0 ? unpadded : randomWindow)(round % 3 === 0 ? 21 : 7);
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
    const back = { shape, dy: at.dy, filter: at.filter, dx: made.dx };
    rig.run([convolutionInputGradient, back]);
    expect(worst(rig.get(made.dx, dx.length), dx), `dx ${JSON.stringify(shape)}`).toBeLessThan(1);
    if (canScatter(shape)) rig.run([convolutionInputScatter, back]);
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
    expect(worst(rig.get(made.dx, dx.length), dx), `scattered dx ${told}`).toBeLessThan(1);
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

test('pools and their gradients: the first of equal maxima, means of what is within the picture, slopes by the window', () => {
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
        add(meanSlopes[from] as Sum, (dy[to] as number) / (shape.filterHeight * shape.filterWidth));
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

const spreads: readonly Spread[] = ['full', 'row', 'column', 'scalar'];
/** Where an operand's number is, of plane, row and place in the row. */
const spreadAt = {
  full: ([, rows, length]: number[], [p = 0, r = 0, i = 0]: number[]) => (p * (rows as number) + r) * (length as number) + i,
  row: ([, , length]: number[], [p = 0, , i = 0]: number[]) => p * (length as number) + i,
  column: ([, rows]: number[], [p = 0, r = 0]: number[]) => p * (rows as number) + r,
  scalar: () => 0,
};

test('functions of two numbers, any spread', () => {
  const truths: Record<BinaryOperation, (a: number, b: number) => number> = {
    add: (a, b) => a + b,
    subtract: (a, b) => a - b,
    multiply: (a, b) => a * b,
    divide: (a, b) => a / b,
    maximum: Math.max,
    minimum: Math.min,
    squaredDifference: (a, b) => Math.fround(a - b) ** 2,
    reluGradient: (dy, y) => (y > 0 ? dy : 0),
    relu6Gradient: (dy, y) => (y > 0 && y < 6 ? dy : 0),
    sigmoidGradient: (dy, y) => dy * Math.fround(y * Math.fround(1 - y)),
    tanhGradient: (dy, y) => dy * Math.fround(1 - Math.fround(y * y)),
    eluGradient: (dy, y) => (y >= 0 ? dy : dy * Math.fround(y + 1)),
  };
  const special = [0, 6, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40];
  for (const [name, truth] of Object.entries(truths))
    for (let round = 0; round < 6; round++) {
      const sizes = round === 0 ? [1, 1, 16390] : [between(1, 3), between(1, 9), between(1, 23)];
      const [planes, rows, length] = sizes as [number, number, number];
      const size = planes * rows * length;
      const [spreadA, spreadB] = [pick(spreads), pick(spreads)];
      const draw = (spread: Spread): Float32Array =>
        normal(1 + spreadAt[spread](sizes, [planes - 1, rows - 1, length - 1])).map((value) =>
          rng.integer(4) === 0 ? pick(special) : 4 * value,
        );
      const [a, b] = [draw(spreadA), draw(spreadB)];
      const rig = new Rig();
      const y = rig.room(size);
      const operation = name as BinaryOperation;
      rig.run([binary, { operation, a: rig.put(a), b: rig.put(b), y, spreadA, spreadB, planes, rows, length }]);
      const expected = Float32Array.from({ length: size }, (_, at) => {
        const place = [Math.floor(at / (rows * length)), Math.floor(at / length) % rows, at % length];
        return truth(a[spreadAt[spreadA](sizes, place)] as number, b[spreadAt[spreadB](sizes, place)] as number);
      });
      const told = `${name} ${spreadA} ${spreadB} ${sizes}`;
      // A product of zero has a sign that a comparison does not ask for.
      expect(
        rig.get(y, size).map((value) => value + 0),
        told,
      ).toEqual(expected.map((value) => value + 0));
    }
});

/** How many float32 lie between two. */
function apart(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) === Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  const [i, j] = new Int32Array(new Float32Array([a, b]).buffer) as unknown as [number, number];
  const order = (bits: number): number => (bits < 0 ? -(bits & 0x7fffffff) : bits);
  return Math.abs(order(i) - order(j));
}

test('functions of one number are within a few units in the last place, at the ends too', () => {
  const [low, high] = [-0.25, 1.5];
  const truths: Record<UnaryOperation, readonly [truth: (x: number) => number, units: number]> = {
    negative: [(x) => -x, 0],
    absolute: [Math.abs, 0],
    squareRoot: [Math.sqrt, 0],
    reciprocalSquareRoot: [(x) => 1 / Math.sqrt(x), 1],
    square: [(x) => x * x, 0],
    reciprocal: [(x) => 1 / x, 0],
    relu: [(x) => (x < 0 ? 0 : x), 0],
    relu6: [(x) => (x < 0 ? 0 : x > 6 ? 6 : x), 0],
    exp: [Math.exp, 2],
    log: [Math.log, 2],
    sigmoid: [(x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), 3],
    tanh: [Math.tanh, 3],
    elu: [(x) => (x < 0 ? Math.exp(x) - 1 : x), Number.POSITIVE_INFINITY],
    clip: [(x) => (x < low ? low : x > high ? high : x), 0],
    affine: [(x) => Math.fround(x * high) + low, 0],
  };
  const ends = [
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1e-42,
    1e-38,
    88.7,
    88.8,
    -87.4,
    -95,
    -103.9,
    -110,
  ];
  const x = Float32Array.from([...ends, ...normal(9000).map((value) => 30 * value), ...normal(9001)]);
  for (const [name, [truth, units]] of Object.entries(truths)) {
    const rig = new Rig();
    const y = rig.room(x.length);
    const constants = name === 'clip' ? { scale: low, shift: high } : { scale: high, shift: low };
    rig.run([unary, { operation: name as UnaryOperation, x: rig.put(x), y, count: x.length, ...constants }]);
    rig.get(y, x.length).forEach((value, i) => {
      const wanted = Math.fround(truth(x[i] as number));
      // Near zero what is left of exp(x) − 1 has lost digits: its error is one of 1.
      const off = name === 'elu' && Math.abs(value - wanted) < 2 * epsilon ? 0 : apart(value, wanted);
      const allowed = name === 'elu' ? 1 : units;
      if (!(off <= allowed)) throw new Error(`${name}(${x[i]}) = ${value}, not ${wanted}: ${off} apart`);
    });
  }
});

test('batch normalization, with its gradients, and sums of columns', () => {
  for (let round = 0; round < 30; round++) {
    const matrix = { rows: round % 10 === 0 ? between(4000, 6000) : between(2, 60), channels: between(1, 21) };
    const { rows, channels } = matrix;
    const [epsilonOfVariance, clamp] = [0.001, pick(clamps)];
    // A mean far from zero, which a sum of squares would drown in.
    const x = normal(rows * channels).map((value, i) => value + 100 * (i % channels));
    const [dy, gamma, beta] = [normal(x.length), normal(channels), normal(channels)];
    const rig = new Rig();
    const parts = rig.room(2 * rowParts(matrix) * channels);
    const at = { ...matrix, x: rig.put(x), dy: rig.put(dy), gamma: rig.put(gamma), beta: rig.put(beta), parts, clamp };
    const made = {
      mean: rig.room(channels),
      variance: rig.room(channels),
      dGamma: rig.room(channels),
      dBeta: rig.room(channels),
    };
    const [y, dx, sumsOfParts] = [rig.room(x.length), rig.room(x.length), rig.room(2 * channels)];
    const args = { ...at, ...made, y, dx, sums: sumsOfParts, epsilon: epsilonOfVariance };
    rig.run([momentParts, args], [moments, args]);
    rig.run([normalize, args]);
    rig.run([normalizeGradientParts, args]);
    rig.run([sumParts, { from: parts, to: sumsOfParts, parts: rowParts(matrix), size: 2 * channels }]);
    rig.run([normalizeGradient, args]);
    const found = { y: rig.get(y, x.length), dx: rig.get(dx, x.length) };
    for (let c = 0; c < channels; c++) {
      const column = (values: Float32Array): number[] =>
        Array.from({ length: rows }, (_, i) => values[i * channels + c] as number);
      const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
      const [low, high] = [clamp === 'linear' ? Number.NEGATIVE_INFINITY : 0, clamp === 'relu6' ? 6 : Number.POSITIVE_INFINITY];
      const after = column(found.y);
      const inside = (value: number | undefined) => (value as number) > low && (value as number) < high;
      const [xs, slopes] = [column(x), column(dy).map((slope, i) => (inside(after[i]) ? slope : 0))];
      const mean = total(xs) / rows;
      const variance = total(xs.map((value) => (value - mean) ** 2)) / rows;
      const sigma = Math.sqrt(variance + epsilonOfVariance);
      const hats = xs.map((value) => (value - mean) / sigma);
      const [g, b] = [gamma[c] as number, beta[c] as number];
      const dBeta = total(slopes);
      const dGamma = total(slopes.map((slope, i) => slope * (hats[i] as number)));
      // Rounding the mean moves every number by as much.
      const slack = (100 * channels * epsilon) / sigma;
      expect(Math.abs((rig.get(made.mean + 4 * c, 1)[0] as number) - mean)).toBeLessThan(100 * channels * epsilon);
      expect(rig.get(made.variance + 4 * c, 1)[0]).toBeCloseTo(variance, 4);
      expect(Math.abs((rig.get(made.dBeta + 4 * c, 1)[0] as number) - dBeta)).toBeLessThan(1e-3);
      expect(Math.abs((rig.get(made.dGamma + 4 * c, 1)[0] as number) - dGamma)).toBeLessThan(1e-3 + slack * Math.abs(dBeta));
      const [ys, dxs] = [column(found.y), column(found.dx)];
      const shares: number[] = [];
      for (let i = 0; i < rows; i++) {
        const wanted = clamped(sumOf(g * (hats[i] as number) + b), clamp).value;
        const slope = (g / sigma) * ((slopes[i] as number) - dBeta / rows - ((hats[i] as number) * dGamma) / rows);
        shares.push(Math.abs((ys[i] as number) - wanted) / (1e-5 + 2 * slack * Math.abs(g)));
        shares.push(Math.abs((dxs[i] as number) - slope) / ((Math.abs(g) / sigma) * (2e-5 + 4 * slack)));
      }
      expect(shares.every((share) => share < 1)).toBe(true);
    }
    rig.run([columnParts, args]);
    rig.run([sumParts, { from: parts, to: sumsOfParts, parts: rowParts(matrix), size: channels }]);
    const wanted = sums(channels);
    for (const [i, slope] of x.entries()) add(wanted[i % channels] as Sum, slope);
    expect(worst(rig.get(sumsOfParts, channels), wanted)).toBeLessThan(1);
  }
});

test('softmax and its cross-entropy, far out as well', () => {
  for (let round = 0; round < 20; round++) {
    const [rows, columns] = [between(1, 200), between(1, 13)];
    const size = rows * columns;
    const x = normal(size).map((value) => value * (round % 2 === 0 ? 1 : 100));
    const targets = Float32Array.from({ length: size }, () => (round % 3 === 0 ? rng.integer(2) : rng.next()));
    const rig = new Rig();
    const [at, y, loss, slope] = [rig.put(x), rig.room(size), rig.room(rows), rig.room(size)];
    rig.run([softmax, { x: at, y, rows, columns }]);
    rig.run([softmaxCrossEntropy, { x: at, targets: rig.put(targets), loss, slope, rows, columns }]);
    for (let r = 0; r < rows; r++) {
      const logits = [...x.subarray(r * columns, (r + 1) * columns)];
      const wanted = [...targets.subarray(r * columns, (r + 1) * columns)];
      const most = Math.max(...logits);
      const total = most + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0));
      const [found, slopes] = [rig.get(y + 4 * r * columns, columns), rig.get(slope + 4 * r * columns, columns)];
      const weight = wanted.reduce((sum, value) => sum + value, 0);
      const cost = wanted.reduce((sum, value, i) => sum + value * (total - (logits[i] as number)), 0);
      let off = 0;
      logits.forEach((value, i) => {
        const share = Math.exp(value - total);
        off = Math.max(off, 10 * Math.abs((found[i] as number) - share));
        off = Math.max(off, Math.abs((slopes[i] as number) - (share * weight - (wanted[i] as number))));
      });
      expect(off).toBeLessThan(1e-5);
      expect(Math.abs((rig.get(loss + 4 * r, 1)[0] as number) - cost)).toBeLessThan(1e-5 * (1 + Math.abs(cost)));
    }
  }
});

test('the optimizers take the steps of the plain ones, bit for bit', () => {
  for (const kind of ['adam', 'adamw', 'sgd'] as const) {
    const sizes = [1, 3, 8192, 8193];
    const parameters = sizes.map((size, i) => ({
      values: normal(size),
      decays: i % 2 === 0,
      ...(i === 3 ? { paces: normal(size) } : {}),
    }));
    const state = createOptimizer(kind, parameters);
    const rig = new Rig();
    const held = parameters.map(({ values, paces }) => ({
      values: rig.put(values),
      first: rig.put(new Float32Array(values.length)),
      second: rig.put(new Float32Array(values.length)),
      paces: paces === undefined ? 0 : rig.put(paces),
    }));
    const gradient = rig.room(Math.max(...sizes) * sizes.length);
    const [learningRate, weightDecay] = [0.01, 0.1];
    for (let step = 1; step <= 3; step++) {
      const gradients = sizes.map((size) => normal(size));
      let next = gradient;
      const places = gradients.map((values) => {
        rig.set(next, values);
        next += 4 * values.length;
        return next - 4 * values.length;
      });
      plainStep(state, parameters, gradients, learningRate, weightDecay);
      const factors = stepFactors(kind, learningRate, step);
      const list = held.map((record, i) => {
        const decay = parameters[i]?.decays === true ? weightDecay : 0;
        const own = kind === 'sgd' ? decay : kind === 'adamw' ? 1 - learningRate * decay : 1;
        return { ...record, gradient: places[i] as number, count: sizes[i] as number, decay: own };
      });
      const arrays = places.map((address, i) => ({ address, count: sizes[i] as number }));
      const parts = rig.room(2 * spansOf(arrays));
      rig.run([squareParts, { arrays, parts }]);
      const squares = new Float64Array(rig.get(parts, 2 * spansOf(arrays)).buffer);
      expect(squares.reduce((sum, part) => sum + part, 0)).toBe(sumOfSquares(gradients));
      rig.run([optimizerStep, { kind: kind === 'sgd' ? 'momentum' : 'adam', ...factors, parameters: list }]);
    }
    held.forEach(({ values, first }, i) => {
      expect(rig.get(values, sizes[i] as number)).toEqual(parameters[i]?.values);
      expect(rig.get(first, sizes[i] as number)).toEqual(state.first[i]);
    });
  }
});

/** One unit of an LSTM or a GRU in double precision: the new state of p, q and the old one, h before c. */
const units = {
  lstm([p0 = 0, p1 = 0, p2 = 0, p3 = 0]: readonly number[], [q0 = 0, q1 = 0, q2 = 0, q3 = 0]: readonly number[], c: number) {
    const next = logistic(p1 + q1) * c + logistic(p0 + q0) * Math.tanh(p2 + q2);
    return [logistic(p3 + q3) * Math.tanh(next), next];
  },
  gru([p0 = 0, p1 = 0, p2 = 0]: readonly number[], [q0 = 0, q1 = 0, q2 = 0]: readonly number[], h: number) {
    const z = logistic(p0 + q0);
    return [z * h + (1 - z) * Math.tanh(p2 + logistic(p1 + q1) * q2)];
  },
} as const;
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

test.each([
  ['lstm', 4, lstmStep, lstmStepGradient],
  ['gru', 3, gruStep, gruStepGradient],
] as const)('a step of the cell %s, and its gradients by central differences', (cell, gates, forward, backward) => {
  for (const width of [1, 3, 4, 9]) {
    const rows = between(1, 400);
    const rig = new Rig();
    const size = rows * width;
    const sizes = [gates * size, gates * size, size];
    const inputs = sizes.map((count) => normal(count));
    const slopes = Array.from({ length: cell === 'lstm' ? 2 : 1 }, () => normal(size));
    const from = inputs.map((values) => rig.put(values));
    const made = slopes.map(() => rig.room(size));
    rig.run([forward, { from, to: made, rows, units: width }]);
    const to = (cell === 'lstm' ? [gates * size, size] : sizes).map((count) => [rig.room(count), count] as const);
    const given = [...from, ...slopes.map((values) => rig.put(values))];
    rig.run([backward, { from: given, to: to.map(([address]) => address), rows, units: width }]);
    const found = to.map(([address, count]) => rig.get(address, count));
    const [ofP, ofQ, ofState] = (cell === 'lstm' ? [found[0], found[0], found[1]] : found) as Float32Array[];
    const states = made.map((address) => rig.get(address, size));
    let off = 0;
    for (let at = 0; at < size; at++) {
      const [row, unit] = [Math.floor(at / width), at % width];
      const places = Array.from({ length: gates }, (_, gate) => (row * gates + gate) * width + unit);
      const [p, q] = [0, 1].map((which) => places.map((place) => inputs[which]?.[place] as number)) as [number[], number[]];
      const state = inputs[2]?.[at] as number;
      units[cell](p, q, state).forEach((value, i) => {
        off = Math.max(off, Math.abs(value - (states[i]?.[at] as number)));
      });
      const judged = (...of: Parameters<typeof units.lstm>) =>
        units[cell](...of).reduce((sum, value, i) => sum + value * (slopes[i]?.[at] as number), 0);
      const slope = (value: (step: number) => number) => (value(1e-4) - value(-1e-4)) / 2e-4;
      off = Math.max(off, Math.abs(slope((step) => judged(p, q, state + step)) - (ofState?.[at] as number)));
      places.forEach((place, gate) => {
        const moved = (list: number[]) => (step: number) => list.with(gate, (list[gate] as number) + step);
        off = Math.max(off, Math.abs(slope((step) => judged(moved(p)(step), q, state)) - (ofP?.[place] as number)));
        off = Math.max(off, Math.abs(slope((step) => judged(p, moved(q)(step), state)) - (ofQ?.[place] as number)));
      });
    }
    expect(off).toBeLessThan(2e-6);
  }
});

test('boxes are copied whatever the order of their axes and the steps on either side', () => {
  for (let round = 0; round < 60; round++) {
    const rank = between(0, 6);
    const sizes = Array.from({ length: rank }, () => between(1, round % 4 === 0 && rank < 3 ? 60 : 5));
    /** Steps of a tensor whose axes lie in some order, each with room to spare, some reversed. */
    const steps = (dense: boolean): { steps: number[]; first: number; size: number } => {
      const order = sizes.map((_, i) => i).sort(() => rng.next() - 0.5);
      const found = new Array<number>(rank).fill(0);
      let [size, first] = [1, 0];
      for (const axis of order) {
        const back = !dense && rng.integer(5) === 0;
        found[axis] = back ? -size : size;
        if (back) first += ((sizes[axis] as number) - 1) * size;
        size *= (sizes[axis] as number) + (dense ? 0 : rng.integer(3));
      }
      return { steps: found, first, size };
    };
    const [source, target] = [steps(chance()), steps(chance())];
    const [values, before] = [normal(source.size), normal(target.size)];
    const rig = new Rig();
    const [from, to] = [rig.put(values), rig.put(before)];
    const places = { from: from + 4 * source.first, to: to + 4 * target.first };
    rig.run([copyBox, { ...places, sizes, fromSteps: source.steps, toSteps: target.steps }]);
    const count = sizes.reduce((product, size) => product * size, 1);
    for (let i = 0; i < count; i++) {
      let [rest, a, b] = [i, source.first, target.first];
      sizes.forEach((size, axis) => {
        a += (rest % size) * (source.steps[axis] as number);
        b += (rest % size) * (target.steps[axis] as number);
        rest = Math.floor(rest / size);
      });
      before[b] = values[a] as number;
    }
    expect(rig.get(to, before.length)).toEqual(before);
  }
  const rig = new Rig();
  const to = rig.room(65539);
  rig.run([fill, { to, count: 65539, value: 0.1 }]);
  expect(rig.get(to, 65539)).toEqual(new Float32Array(65539).fill(0.1));
});

test('rows are summed, averaged, and their ends found', () => {
  for (let round = 0; round < 20; round++) {
    const [rows, length] = [between(1, 300), between(1, 50)];
    const x = normal(rows * length);
    if (round % 3 === 0) x[between(0, x.length - 1)] = pick([Number.NaN, Number.POSITIVE_INFINITY]);
    const rig = new Rig();
    const at = rig.put(x);
    const reduced = (operation: RowReduction): number[] => {
      const y = rig.room(rows);
      rig.run([reduceRows, { operation, x: at, y, rows, length }]);
      return [...rig.get(y, rows)];
    };
    const each = (of: (row: readonly number[]) => number): number[] =>
      Array.from({ length: rows }, (_, i) => of([...x.subarray(i * length, (i + 1) * length)]));
    expect(reduced('maximum')).toEqual(each((row) => Math.max(...row)));
    expect(reduced('minimum')).toEqual(each((row) => Math.min(...row)));
    const totals = each((row) => row.reduce((sum, value) => sum + value, 0));
    const [sum, mean] = [reduced('sum'), reduced('mean')];
    const same = totals.every((total, i) =>
      Number.isFinite(total)
        ? Math.abs(total - (sum[i] as number)) < 2e-5 && Math.abs(total / length - (mean[i] as number)) < 2e-5
        : Object.is(total, sum[i]) && Object.is(total, mean[i]),
    );
    expect(same).toBe(true);
  }
});

test('pictures are interpolated between the centres of pixels, or between corners', () => {
  for (let round = 0; round < 12; round++) {
    const [batch, height, width, channels] = [between(1, 2), between(1, 6), between(1, 6), between(1, 9)];
    const [newHeight, newWidth] = [between(1, 12), between(1, 12)];
    const [alignCorners, halfPixelCenters] = [round % 3 === 0, round % 3 === 1];
    const x = normal(batch * height * width * channels);
    const rig = new Rig();
    const y = rig.room(batch * newHeight * newWidth * channels);
    const places = { batch, height, width, channels, newHeight, newWidth, alignCorners, halfPixelCenters };
    rig.run([resizeBilinear, { ...places, x: rig.put(x), y }]);
    /** Both neighbours of a place, and how near it is to each: the hat function, what lies outside being the edge. */
    const weights = (place: number, size: number, newSize: number): (readonly [number, number])[] => {
      const stretched = halfPixelCenters ? ((place + 0.5) * size) / newSize - 0.5 : (place * size) / newSize;
      const at = alignCorners && newSize > 1 ? (place * (size - 1)) / (newSize - 1) : stretched;
      return [Math.floor(at), Math.floor(at) + 1].map((i) => [Math.min(size - 1, Math.max(0, i)), 1 - Math.abs(at - i)]);
    };
    let off = 0;
    rig.get(y, batch * newHeight * newWidth * channels).forEach((value, index) => {
      const [c, column] = [index % channels, Math.floor(index / channels) % newWidth];
      const [row, n] = [Math.floor(index / channels / newWidth) % newHeight, Math.floor(index / channels / newWidth / newHeight)];
      let wanted = 0;
      for (const [i, down] of weights(row, height, newHeight))
        for (const [j, across] of weights(column, width, newWidth))
          wanted += down * across * (x[((n * height + i) * width + j) * channels + c] as number);
      off = Math.max(off, Math.abs(value - wanted));
    });
    expect(off, JSON.stringify(places)).toBeLessThan(3e-6);
  }
});

test('numbers rounded to a grid, ties and all', () => {
  // Just below a tie, just below one, and where floats are whole.
  const edges = new Float32Array(Uint32Array.of(0x3effffff, 0x3f7fffff, 0x4b000001).buffer);
  const ties = Array.from({ length: 33 }, (_, i) => (i - 16) / 2);
  const values = Float32Array.from([Number.NaN, -0, 1e30, -1e30, ...ties, ...edges, ...edges.map((x) => -x), ...normal(17_000)]);
  for (const [scale, zeroPoint, low, high] of [[1, 3, -128, 127] as const, [Math.fround(0.037), -128, -128, 127] as const]) {
    const rig = new Rig();
    const [x, y] = [rig.put(values), rig.room(values.length)];
    rig.run([roundToGrid, { x, y, count: values.length, scale, least: low - zeroPoint, most: high - zeroPoint }]);
    expect(rig.get(y, values.length)).toEqual(fakeQuantize(values, { scale, zeroPoint, low, high }));
  }
});

/** Whole numbers as the words that the rig holds. */
function wordsOf(values: Int8Array | Int16Array | Int32Array): Float32Array {
  const bytes = new Uint8Array(4 * Math.ceil(values.byteLength / 4));
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return new Float32Array(bytes.buffer);
}

const codes = (count: number): Int8Array => Int8Array.from({ length: count }, () => between(-128, 127));

test('convolutions of whole numbers, to the last bit', () => {
  for (let round = 0; round < 60; round++) {
    const isDepthwise = chance();
    const groups = isDepthwise ? 1 : between(1, 2);
    const { inHeight, inWidth, outHeight, outWidth, inChannels, ...shape } = randomWindow(round % 4 === 0 ? 40 : 9);
    const [seen, units] = [inChannels, isDepthwise ? inChannels : between(1, 20)];
    const [channels, filters] = [seen * groups, units * groups];
    const size = [shape.filterHeight, shape.filterWidth] as const;
    const depth = size[0] * size[1] * (isDepthwise ? 1 : seen);
    const x = codes(inHeight * inWidth * channels);
    const w = codes(filters * depth);
    const bias = Int32Array.from({ length: filters }, () => between(-3000, 3000));
    const factors = normal(filters).map((value) => 0.01 * Math.abs(value));
    const [zeroX, zeroY] = [between(-128, 127), between(-128, 127)];
    const range = [between(-128, zeroY), between(zeroY, 127)] as const;
    const rig = new Rig();
    const [from, to] = [rig.put(wordsOf(x)), rig.room(Math.ceil((outHeight * outWidth * filters) / 4))];
    for (let group = 0; group < groups; group++) {
      const first = group * units;
      const eights = 8 * Math.ceil(units / 8);
      const [biases, scales] = [new Int32Array(eights), new Float32Array(eights)];
      biases.set(bias.subarray(first, first + units));
      scales.set(factors.subarray(first, first + units));
      const packed = isDepthwise
        ? packedChannels(w, channels)
        : packedUnits(w.subarray(first * depth, (first + units) * depth), depth);
      const args: IntegerConvolutionArgs = {
        ...{ x: from, y: to, kernel: rig.put(wordsOf(packed)), bias: rig.put(wordsOf(biases)), factors: rig.put(scales) },
        ...{
          input: [inHeight, inWidth, channels],
          output: [outHeight, outWidth, filters],
          size,
          from: group * seen,
          seen,
          first,
          units,
        },
        ...{ strides: [shape.strideHeight, shape.strideWidth], dilation: [shape.dilationHeight, shape.dilationWidth] },
        ...{ before: [shape.padTop, shape.padLeft], zeroPoints: [zeroX, zeroY], range },
      };
      rig.run([isDepthwise ? integerDepthwise : integerConvolution, args]);
    }
    const at = (filter: number, tap: number, c: number): number =>
      (isDepthwise ? w[tap * filters + filter] : w[filter * depth + tap * seen + c]) as number;
    const expected = Int8Array.from({ length: outHeight * outWidth * filters }, (_, index) => {
      const filter = index % filters;
      const [row, column] = [Math.floor(index / filters / outWidth), Math.floor(index / filters) % outWidth];
      let sum = bias[filter] as number;
      for (let tap = 0; tap < size[0] * size[1]; tap++) {
        const r = row * shape.strideHeight - shape.padTop + Math.floor(tap / size[1]) * shape.dilationHeight;
        const c = column * shape.strideWidth - shape.padLeft + (tap % size[1]) * shape.dilationWidth;
        if (r < 0 || r >= inHeight || c < 0 || c >= inWidth) continue;
        const place = (r * inWidth + c) * channels + (isDepthwise ? filter : Math.floor(filter / units) * seen);
        for (let k = 0; k < (isDepthwise ? 1 : seen); k++) sum += at(filter, tap, k) * ((x[place + k] as number) - zeroX);
      }
      const code = roundHalfEven(Math.fround(Math.fround(sum) * (factors[filter] as number))) + zeroY;
      return Math.min(range[1], Math.max(range[0], code));
    });
    const found = new Int8Array(rig.get(to, Math.ceil(expected.length / 4)).buffer, 0, expected.length);
    expect(found).toEqual(expected);
  }
});
