/** What `bench/simd.ts` measures: kernels at the shapes of the nets that are trained here, batch 128. */
import {
  convolution,
  convolutionInputGradient,
  filterGradient,
  filterParts,
  filterSum,
  type WindowShape,
} from '../src/engine/runtime/simd/kernels/convolution.ts';
import { gemm } from '../src/engine/runtime/simd/kernels/gemm.ts';
import type { SimdKernel } from '../src/engine/runtime/simd/kernels/kernel.ts';

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
  back.call(convolutionInputGradient, { shape, dy: back.floats(outs), filter: back.floats(filterSize), dx: back.floats(ins) });
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
  return [...products, ...shapes];
}
