/**
 * Convolutions and dense layers in whole numbers: acc = bias + Σ w (x − z), y = z' + acc · (scale of x · scale of w / scale of y), the
 * product per output channel. What lies outside of the picture counts as zero.
 */
import type { Fused, Options } from '../formats/tflite/write/options.ts';
import { type Kernels, rescaler } from './fixed-point.ts';
import { multiplied } from './products.ts';
import type { Kept } from './tables.ts';
import { activationRange, clamp, type IntegerOutput, type IntegerTensor, scaleOf, sizeOf } from './tensors.ts';
import { before, placesOf, type Window } from './windows.ts';

/** A convolution of a picture of [1, height, width, channels]; a dense layer is one of single places, [1, rows, 1, depth]. */
export interface Windowed {
  readonly x: IntegerTensor;
  /** [out, height, width, in / groups], or [1, height, width, out] where each filter sees one channel. */
  readonly kernel: IntegerTensor;
  readonly bias: IntegerTensor | null;
  readonly isDepthwise: boolean;
  readonly window: Window;
  readonly output: IntegerOutput;
  /** Codes that the fused activation lets through. */
  readonly range: readonly [low: number, high: number];
}

/** From the codes of an input to those of the output. */
export type Convolve = (codes: Int8Array) => Int8Array;

/** Who computes convolutions in XNNPACK's arithmetic faster than plain loops do, to the same codes; null where nobody does. */
export type Accelerate = (layer: Windowed) => Convolve | null;

/** Whose roundings, and what is faster than plain loops. */
export interface Arithmetic {
  readonly kernels: Kernels;
  readonly accelerate?: Accelerate | undefined;
}

/** What these need of their operator beside its inputs. */
export interface Weighted extends Arithmetic {
  readonly output: IntegerOutput;
  readonly kept: Kept;
}

type Fold = (sum: number, channel: number) => number;

/** From a sum of products to the output's code, per channel. */
function requantizer({ x, kernel, bias, output, range: [low, high] }: Windowed, kernels: Kernels): Fold {
  const factors = kernel.scale.map((scale) => rescaler(kernels, scaleOf(x), scale, scaleOf(output)));
  return (sum, channel) => {
    const factor = factors[factors.length === 1 ? 0 : channel] as (typeof factors)[number];
    const acc = bias === null ? sum : sum + (bias.codes[channel] as number);
    return clamp(factor(acc) + output.zeroPoint, low, high);
  };
}

function convolved(layer: Windowed, { kernels, accelerate, kept }: Weighted): Int8Array {
  const convolve = kept(() => (kernels === 'xnnpack' && accelerate?.(layer)) || plainly(layer, kernels));
  return convolve(layer.x.codes as Int8Array);
}

function plainly(layer: Windowed, kernels: Kernels): Convolve {
  const fold = requantizer(layer, kernels);
  return layer.isDepthwise
    ? (codes) => eachChannel(codes, layer, fold)
    : (codes) => eachGroup({ ...layer.x, codes }, layer, fold);
}

type ConvolutionOptions = Options & { readonly table: 'Conv2DOptions' | 'DepthwiseConv2DOptions' };

/** CONV_2D with a kernel of [out, height, width, in / groups], and DEPTHWISE_CONV_2D with one of [1, height, width, out]. */
export function convolution(
  x: IntegerTensor,
  kernel: IntegerTensor,
  bias: IntegerTensor | null,
  { table, fused, strides, padding, dilation }: ConvolutionOptions,
  task: Weighted,
): Int8Array {
  const [, rows = 1, columns = 1] = kernel.shape;
  const window = { size: [rows, columns], strides, padding, dilation } as const;
  const isDepthwise = table === 'DepthwiseConv2DOptions';
  const range = activationRange(task.output, fused);
  return convolved({ x, kernel, bias, isDepthwise, window, output: task.output, range }, task);
}

function eachGroup(x: IntegerTensor, { kernel, window, output }: Windowed, fold: Fold): Int8Array {
  const [, rows = 1, columns = 1, seen = 1] = kernel.shape;
  const [, , , channels = 1] = x.shape;
  const [, , , filters = 1] = output.shape;
  const depth = rows * columns * seen;
  const codes = new Int8Array(sizeOf(output.shape));
  const width = (filters * seen) / channels;
  for (let from = 0, first = 0; from < channels; from += seen, first += width) {
    const part = kernel.codes.subarray(first * depth, (first + width) * depth) as Int8Array;
    const sums = multiplied(unfolded(x, output, window, from, seen), part, depth);
    for (let at = 0, pixel = first; at < sums.length; at += width, pixel += filters)
      for (let unit = 0; unit < width; unit++) codes[pixel + unit] = fold(sums[at + unit] as number, first + unit);
  }
  return codes;
}

function lessZeroPoint({ codes, zeroPoint }: IntegerTensor): Int16Array {
  const shifted = new Int16Array(codes.length);
  for (let i = 0; i < codes.length; i++) shifted[i] = (codes[i] as number) - zeroPoint;
  return shifted;
}

/** Some channels of the windows of a picture, a row each, less the zero point: [pixels, places of the window, channels]. */
function unfolded(x: IntegerTensor, output: IntegerOutput, window: Window, from: number, seen: number): Int16Array {
  const [, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = output.shape;
  const { size, strides, dilation } = window;
  const [top, left] = [before(window, 0, height, rows), before(window, 1, width, columns)];
  const shifted = lessZeroPoint(x);
  const unfolded = new Int16Array(rows * columns * size[0] * size[1] * seen);
  const span = size[1] * seen;
  // Neighbours in the window are neighbours in the picture.
  const isDense = dilation[1] === 1 && seen === channels;
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const start = column * strides[1] - left;
      for (let i = 0; i < size[0]; i++, to += span) {
        const y = row * strides[0] - top + i * dilation[0];
        if (y < 0 || y >= height) continue;
        if (isDense) {
          const [first, end] = [Math.max(0, start), Math.min(width, start + size[1])];
          const part = shifted.subarray((y * width + first) * channels, (y * width + end) * channels);
          unfolded.set(part, to + (first - start) * channels);
          continue;
        }
        for (let j = 0; j < size[1]; j++) {
          const place = start + j * dilation[1];
          if (place < 0 || place >= width) continue;
          const at = (y * width + place) * channels + from;
          for (let c = 0; c < seen; c++) unfolded[to + j * seen + c] = shifted[at + c] as number;
        }
      }
    }
  }
  return unfolded;
}

function eachChannel(from: Int8Array, { x, kernel, window, output }: Windowed, fold: Fold): Int8Array {
  const [, , , channels = 1] = x.shape;
  const [, , , filters = 1] = output.shape;
  const places = placesOf(x.shape, output.shape, window);
  const multiplier = filters / channels;
  const codes = new Int8Array(sizeOf(output.shape));
  const sums = new Int32Array(filters);
  places((target, inside) => {
    sums.fill(0);
    inside((source, tap) => {
      for (let c = 0, filter = 0; c < channels; c++) {
        const value = (from[source * channels + c] as number) - x.zeroPoint;
        for (let m = 0; m < multiplier; m++, filter++)
          sums[filter] = (sums[filter] as number) + Math.imul(value, kernel.codes[tap * filters + filter] as number);
      }
    });
    for (let filter = 0; filter < filters; filter++) codes[target * filters + filter] = fold(sums[filter] as number, filter);
  });
  return codes;
}

/**
 * TRANSPOSE_CONV with a kernel of [out, height, width, in]: each code is spread over a window of the output. By the reference:
 * the XNNPACK of LiteRT has it too and may be one code off, that of older interpreters has not.
 */
export function transposedConvolution(
  x: IntegerTensor,
  kernel: IntegerTensor,
  bias: IntegerTensor | null,
  { strides, padding }: Options & { readonly table: 'TransposeConvOptions' },
  output: IntegerOutput,
): Int8Array {
  const [, rows = 1, columns = 1, channels = 1] = kernel.shape;
  const [, , , filters = 1] = output.shape;
  const window = { size: [rows, columns], strides, padding, dilation: [1, 1] } as const;
  const fold = requantizer({ x, kernel, bias, isDepthwise: false, window, output, range: [-128, 127] }, 'reference');
  const sums = new Int32Array(sizeOf(output.shape));
  // The windows of the convolution that it turns round: from its output, which is x here, to what they cover.
  placesOf(
    output.shape,
    x.shape,
    window,
  )((source, inside) => {
    inside((target, tap) => {
      for (let filter = 0; filter < filters; filter++) {
        const from = (filter * rows * columns + tap) * channels;
        let acc = sums[target * filters + filter] as number;
        for (let c = 0; c < channels; c++)
          acc += Math.imul((x.codes[source * channels + c] as number) - x.zeroPoint, kernel.codes[from + c] as number);
        sums[target * filters + filter] = acc;
      }
    });
  });
  return Int8Array.from(sums, (acc, i) => fold(acc, i % filters));
}

/** FULLY_CONNECTED with weights of [out, in]; all leading axes of x are samples. */
export function dense(
  x: IntegerTensor,
  kernel: IntegerTensor,
  bias: IntegerTensor | null,
  fused: Fused,
  task: Weighted,
): Int8Array {
  const [units = 1, depth = 1] = kernel.shape;
  const rows = x.codes.length / depth;
  // The interpreter multiplies the two scales as float32 where there is one for all units.
  const product = Math.fround(scaleOf(x) * scaleOf(kernel));
  const scale = kernel.scale.length === 1 ? [product / scaleOf(x)] : kernel.scale;
  const layer: Windowed = {
    x: { ...x, shape: [1, rows, 1, depth] },
    kernel: { ...kernel, shape: [units, 1, 1, depth], scale },
    bias,
    isDepthwise: false,
    window: { size: [1, 1], strides: [1, 1], padding: 'VALID', dilation: [1, 1] },
    output: { ...task.output, shape: [1, rows, 1, units] },
    range: activationRange(task.output, fused),
  };
  return convolved(layer, task);
}
