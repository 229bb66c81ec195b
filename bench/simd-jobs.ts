/** What `bench/simd.ts` measures: kernels at the shapes of the nets that are trained here, batch 128. */
import {
  convolution,
  filterGradient,
  filterParts,
  filterSum,
  inputGradientKernel,
  type WindowShape,
} from '../src/engine/runtime/simd/kernels/convolution.ts';
import {
  depthwise,
  depthwiseFilterGradient,
  depthwiseFilterParts,
  depthwiseFilterSum,
  depthwiseInputGradient,
} from '../src/engine/runtime/simd/kernels/depthwise.ts';
import { binary, unary } from '../src/engine/runtime/simd/kernels/elementwise.ts';
import { gemm } from '../src/engine/runtime/simd/kernels/gemm.ts';
import type { SimdKernel } from '../src/engine/runtime/simd/kernels/kernel.ts';
import {
  momentParts,
  moments,
  normalize,
  normalizeGradient,
  normalizeGradientParts,
  rowParts,
} from '../src/engine/runtime/simd/kernels/normalization.ts';
import { optimizerStep } from '../src/engine/runtime/simd/kernels/optimizer.ts';
import { pool, poolGradient } from '../src/engine/runtime/simd/kernels/pool.ts';
import { sumParts } from '../src/engine/runtime/simd/kernels/sums.ts';

interface Call {
  readonly name: string;
  /** Where the block of arguments goes. */
  readonly at: number;
  readonly block: readonly number[];
  readonly blocks: number;
  readonly scratch: number;
}

export interface SimdJob {
  readonly label: string;
  readonly kind: 'product' | 'convolution' | 'stream';
  readonly calls: readonly Call[];
  readonly flops: number;
  /** Bytes that have to be read and written at the least. */
  readonly bytes: number;
  /** The end of what it uses of memory. */
  readonly end: number;
}

/** Lays tensors, arguments and scratch out in memory. */
class Plan {
  private top = 4096;
  private readonly calls: Call[] = [];

  floats(count: number): number {
    const at = this.top;
    this.top = 64 * Math.ceil((at + 4 * count + 64) / 64);
    return at;
  }

  call<Args>(kernel: SimdKernel<Args>, args: Args): this {
    const block = kernel.words(args);
    const at = this.floats(block.length);
    const scratch = this.floats(kernel.scratchBytes(args) / 4);
    this.calls.push({ name: kernel.name, at, block, blocks: kernel.blocks(args), scratch });
    return this;
  }

  job(label: string, kind: SimdJob['kind'], flops: number, bytes = 0): SimdJob {
    return { label, kind, calls: this.calls, flops, bytes, end: this.top + 64 };
  }
}

function product(m: number, k: number, n: number, transposed = ''): SimdJob {
  const plan = new Plan();
  const args = { a: plan.floats(m * k), b: plan.floats(k * n), c: plan.floats(m * n), m, n, k };
  plan.call(gemm, { ...args, transposeA: transposed === 'A', transposeB: transposed === 'B' });
  return plan.job(`gemm ${m}x${k}x${n}${transposed && ` ${transposed}ᵀ`}`, 'product', 2 * m * n * k);
}

/** A square convolution; `pad` on all sides or, with a stride, left and above. */
function square(size: number, channels: number, filters: number, taps: number, stride = 1, same = true): WindowShape {
  const out = same ? Math.ceil(size / stride) : Math.floor((size - taps) / stride) + 1;
  const pad = same ? Math.max(0, (out - 1) * stride + taps - size) >> 1 : 0;
  return {
    batch: 128,
    ...{ inHeight: size, inWidth: size, inChannels: channels, outHeight: out, outWidth: out, outChannels: filters },
    ...{ filterHeight: taps, filterWidth: taps, strideHeight: stride, strideWidth: stride, dilationHeight: 1, dilationWidth: 1 },
    ...{ padTop: pad, padLeft: pad },
  };
}

function convolutions(name: string, shape: WindowShape, first = false): SimdJob[] {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = shape;
  const filterSize = filterHeight * filterWidth * inChannels * outChannels;
  const flops = 2 * batch * outHeight * outWidth * filterSize;
  const [ins, outs] = [batch * inHeight * inWidth * inChannels, batch * outHeight * outWidth * outChannels];
  const forward = new Plan();
  const [x, filter, y, bias] = [
    forward.floats(ins),
    forward.floats(filterSize),
    forward.floats(outs),
    forward.floats(outChannels),
  ];
  forward.call(convolution, { shape, x, filter, y, bias, clamp: 'relu' });
  const back = new Plan();
  back.call(inputGradientKernel(shape), { shape, dy: back.floats(outs), filter: back.floats(filterSize), dx: back.floats(ins) });
  const filters = new Plan();
  const args = {
    shape,
    x: filters.floats(ins),
    dy: filters.floats(outs),
    parts: filters.floats(filterSize * filterParts(shape)),
  };
  filters.call(filterGradient, args).call(...filterSum(args, filters.floats(filterSize)));
  return [
    forward.job(`${name} forward`, 'convolution', flops),
    ...(first ? [] : [back.job(`${name} input gradient`, 'convolution', flops)]),
    filters.job(`${name} filter gradient`, 'convolution', flops),
  ];
}

/** Kernels that the speed of memory bounds, for the most part. */
function streams(): SimdJob[] {
  const jobs: SimdJob[] = [];
  const shape = square(14, 32, 32, 3);
  const [size, filterSize] = [128 * 14 * 14 * 32, 9 * 32];
  const flops = 2 * 9 * size;
  const forward = new Plan();
  forward.call(depthwise, { shape, x: forward.floats(size), filter: forward.floats(filterSize), y: forward.floats(size) });
  jobs.push(forward.job('depthwise 3x3x32 forward', 'stream', flops, 8 * size));
  const back = new Plan();
  back.call(depthwiseInputGradient, { shape, dy: back.floats(size), filter: back.floats(filterSize), dx: back.floats(size) });
  jobs.push(back.job('depthwise 3x3x32 input gradient', 'stream', flops, 8 * size));
  const filters = new Plan();
  const parts = filters.floats(filterSize * depthwiseFilterParts(shape));
  const args = { shape, x: filters.floats(size), dy: filters.floats(size), parts };
  filters.call(depthwiseFilterGradient, args).call(...depthwiseFilterSum(args, filters.floats(filterSize)));
  jobs.push(filters.job('depthwise 3x3x32 filter gradient', 'stream', flops, 8 * size));

  const pooled = square(24, 20, 20, 2, 2);
  const [ins, outs] = [128 * 24 * 24 * 20, 128 * 12 * 12 * 20];
  const down = new Plan();
  down.call(pool, { shape: pooled, kind: 'max', x: down.floats(ins), y: down.floats(outs) });
  jobs.push(down.job('max pool 2x2x20 forward', 'stream', 0, 4 * (ins + outs)));
  const up = new Plan();
  up.call(poolGradient, { shape: pooled, kind: 'max', x: up.floats(ins), dy: up.floats(outs), dx: up.floats(ins) });
  jobs.push(up.job('max pool 2x2x20 gradient', 'stream', 0, 4 * (2 * ins + outs)));

  const matrix = { rows: 128 * 32 * 32, channels: 16 };
  const count = matrix.rows * matrix.channels;
  const norm = new Plan();
  const [x, y, mean, variance] = [norm.floats(count), norm.floats(count), norm.floats(16), norm.floats(16)];
  const normal = { ...matrix, x, y, mean, variance, epsilon: 0.001, parts: norm.floats(32 * rowParts(matrix)) };
  norm.call(momentParts, normal).call(moments, normal).call(normalize, normal);
  jobs.push(norm.job('batch norm 32x32x16 forward', 'stream', 0, 12 * count));
  const slopes = new Plan();
  const at = {
    x: slopes.floats(count),
    dy: slopes.floats(count),
    dx: slopes.floats(count),
    parts: slopes.floats(32 * rowParts(matrix)),
  };
  const small = { mean: slopes.floats(16), variance: slopes.floats(16), sums: slopes.floats(32), dGamma: slopes.floats(16) };
  const gradient = { ...matrix, ...at, ...small, dBeta: slopes.floats(16), epsilon: 2 };
  slopes.call(normalizeGradientParts, gradient);
  slopes.call(sumParts, { from: at.parts, to: small.sums, parts: rowParts(matrix), size: 32 }).call(normalizeGradient, gradient);
  jobs.push(slopes.job('batch norm 32x32x16 gradient', 'stream', 0, 20 * count));

  const sum = new Plan();
  const operands = { a: sum.floats(count), b: sum.floats(count), y: sum.floats(count), rows: 1, length: count };
  sum.call(binary, { ...operands, operation: 'add' });
  jobs.push(sum.job('add', 'stream', 0, 12 * count));
  const curve = new Plan();
  curve.call(unary, { operation: 'sigmoid', x: curve.floats(count), y: curve.floats(count), count });
  jobs.push(curve.job('sigmoid', 'stream', 0, 8 * count));
  const adam = new Plan();
  const numbers = 431_080;
  const tensors = { values: adam.floats(numbers), gradient: adam.floats(numbers), first: adam.floats(numbers), count: numbers };
  const parameters = [{ ...tensors, second: adam.floats(numbers) }];
  adam.call(optimizerStep, { kind: 'adam', rate: 0, floor: 1, parameters });
  jobs.push(adam.job('adam 431080', 'stream', 0, 28 * numbers));
  return jobs;
}

export function simdJobs(): readonly SimdJob[] {
  const products = [
    product(512, 512, 512),
    product(512, 512, 512, 'A'),
    product(512, 512, 512, 'B'),
    product(128, 800, 500),
    product(800, 128, 500, 'A'),
    product(128, 500, 800, 'B'),
    product(128, 500, 10),
    product(60, 64, 64),
    product(8192, 500, 50),
  ];
  const shapes = [
    ...convolutions('lenet5 5x5x1x20', square(28, 1, 20, 5, 1, false), true),
    ...convolutions('lenet5 5x5x20x50', square(12, 20, 50, 5, 1, false)),
    ...convolutions('resnet8 3x3x3x16', square(32, 3, 16, 3), true),
    ...convolutions('resnet8 3x3x16x16', square(32, 16, 16, 3)),
    ...convolutions('resnet8 3x3x16x32 /2', square(32, 16, 32, 3, 2)),
    ...convolutions('resnet8 1x1x16x32 /2', square(32, 16, 32, 1, 2)),
    ...convolutions('resnet8 3x3x32x32', square(16, 32, 32, 3)),
    ...convolutions('resnet8 3x3x64x64', square(8, 64, 64, 3)),
    ...convolutions('depthwise 1x1x32x64', square(14, 32, 64, 1)),
  ];
  return [...products, ...shapes, ...streams()];
}
