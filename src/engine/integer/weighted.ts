/**
 * Convolutions and dense layers in whole numbers: acc = bias + Σ w (x − z), y = z' + acc · (scale of x · scale of w / scale of y), the
 * product per output channel. What lies outside of the picture counts as zero.
 */
import type { Fused, Options } from '../formats/tflite/write/options.ts';
import { type Kernels, rescaler } from './fixed-point.ts';
import { multiplyRows } from './products.ts';
import { activationRange, clamp, type IntegerOutput, type IntegerTensor, scaleOf, sizeOf } from './tensors.ts';
import { type Places, placesOf } from './windows.ts';

type Fold = (sum: number, channel: number) => number;

/** From a sum of products to the output's code, per channel. */
function requantizer(
  x: IntegerTensor,
  kernel: IntegerTensor,
  bias: IntegerTensor | null,
  output: IntegerOutput,
  fused: Fused,
  kernels: Kernels,
): Fold {
  const factors = kernel.scale.map((scale) => rescaler(kernels, scaleOf(x), scale, scaleOf(output)));
  const [low, high] = activationRange(output, fused);
  return (sum, channel) => {
    const factor = factors[factors.length === 1 ? 0 : channel] as (typeof factors)[number];
    const acc = bias === null ? sum : sum + (bias.codes[channel] as number);
    return clamp(factor(acc) + output.zeroPoint, low, high);
  };
}

type ConvolutionOptions = Options & { readonly table: 'Conv2DOptions' | 'DepthwiseConv2DOptions' };

/** CONV_2D with a kernel of [out, height, width, in / groups], and DEPTHWISE_CONV_2D with one of [1, height, width, out]. */
export function convolution(
  x: IntegerTensor,
  kernel: IntegerTensor,
  bias: IntegerTensor | null,
  options: ConvolutionOptions,
  output: IntegerOutput,
  kernels: Kernels,
): Int8Array {
  const [, rows = 1, columns = 1, seen = 1] = kernel.shape;
  const { strides, padding, dilation } = options;
  const places = placesOf(x.shape, output.shape, { size: [rows, columns], strides, padding, dilation });
  const fold = requantizer(x, kernel, bias, output, options.fused, kernels);
  if (options.table === 'DepthwiseConv2DOptions') return eachChannel(x, kernel, places, output, fold);
  const [, , , channels = 1] = x.shape;
  const [, height = 1, width = 1, filters = 1] = output.shape;
  const groups = channels / seen;
  const codes = new Int8Array(height * width * filters);
  const depth = rows * columns * seen;
  for (let group = 0; group < groups; group++) {
    const values = new Int16Array(height * width * depth);
    places((target, inside) => {
      inside((source, tap) => {
        const [to, from] = [target * depth + tap * seen, source * channels + group * seen];
        for (let c = 0; c < seen; c++) values[to + c] = (x.codes[from + c] as number) - x.zeroPoint;
      });
    });
    const units = [(group * filters) / groups, ((group + 1) * filters) / groups] as const;
    multiplyRows({ values, depth }, kernel.codes as Int8Array, units, (target, filter, sum) => {
      codes[target * filters + filter] = fold(sum, filter);
    });
  }
  return codes;
}

function eachChannel(x: IntegerTensor, kernel: IntegerTensor, places: Places, output: IntegerOutput, fold: Fold): Int8Array {
  const [, , , channels = 1] = x.shape;
  const [, , , filters = 1] = output.shape;
  const multiplier = filters / channels;
  const codes = new Int8Array(sizeOf(output.shape));
  const sums = new Int32Array(filters);
  places((target, inside) => {
    sums.fill(0);
    inside((source, tap) => {
      for (let c = 0, filter = 0; c < channels; c++) {
        const value = (x.codes[source * channels + c] as number) - x.zeroPoint;
        for (let m = 0; m < multiplier; m++, filter++)
          sums[filter] = (sums[filter] as number) + Math.imul(value, kernel.codes[tap * filters + filter] as number);
      }
    });
    for (let filter = 0; filter < filters; filter++) codes[target * filters + filter] = fold(sums[filter] as number, filter);
  });
  return codes;
}

/** TRANSPOSE_CONV with a kernel of [out, height, width, in]: each code is spread over a window of the output. Only the reference has it. */
export function transposedConvolution(
  x: IntegerTensor,
  kernel: IntegerTensor,
  bias: IntegerTensor | null,
  { strides, padding }: Options & { readonly table: 'TransposeConvOptions' },
  output: IntegerOutput,
): Int8Array {
  const [, rows = 1, columns = 1, channels = 1] = kernel.shape;
  const [, , , filters = 1] = output.shape;
  const fold = requantizer(x, kernel, bias, output, 'NONE', 'reference');
  const sums = new Int32Array(sizeOf(output.shape));
  // The windows of the convolution that it turns round: from its output, which is x here, to what they cover.
  placesOf(output.shape, x.shape, { size: [rows, columns], strides, padding, dilation: [1, 1] })((source, inside) => {
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
  output: IntegerOutput,
  kernels: Kernels,
): Int8Array {
  const [units = 1, depth = 1] = kernel.shape;
  // The interpreter multiplies the two scales as float32 where there is one for all units.
  const product = Math.fround(scaleOf(x) * scaleOf(kernel));
  const single = kernel.scale.length === 1 ? { ...kernel, scale: [product / scaleOf(x)] } : kernel;
  const fold = requantizer(x, single, bias, output, fused, kernels);
  const codes = new Int8Array(sizeOf(output.shape));
  const values = Int16Array.from(x.codes, (code) => code - x.zeroPoint);
  multiplyRows({ values, depth }, kernel.codes as Int8Array, [0, units], (row, unit, sum) => {
    codes[row * units + unit] = fold(sum, unit);
  });
  return codes;
}
