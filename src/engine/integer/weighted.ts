/**
 * Convolutions and dense layers in whole numbers: acc = bias + Σ w (x − z), y = z' + acc · (scale of x · scale of w / scale of y), the
 * product per output channel. What lies outside of the picture counts as zero.
 */
import type { Fused, Options } from '../formats/tflite/write/options.ts';
import { type Kernels, rescaler } from './fixed-point.ts';
import { activationRange, clamp, type IntegerOutput, type IntegerTensor, scaleOf, sizeOf } from './tensors.ts';
import { placesOf } from './windows.ts';

type Fold = (acc: number, channel: number) => number;

/** From an accumulator to the output's code, per channel. */
function requantizer(x: IntegerTensor, kernel: IntegerTensor, output: IntegerOutput, fused: Fused, kernels: Kernels): Fold {
  const factors = kernel.scale.map((scale) => rescaler(kernels, scaleOf(x), scale, scaleOf(output)));
  const [low, high] = activationRange(output, fused);
  return (acc, channel) => {
    const factor = factors[factors.length === 1 ? 0 : channel] as (typeof factors)[number];
    return clamp(factor(acc) + output.zeroPoint, low, high);
  };
}

/** CONV_2D with a kernel of [out, height, width, in / groups], and DEPTHWISE_CONV_2D with one of [1, height, width, out]. */
export function convolution(
  x: IntegerTensor,
  kernel: IntegerTensor,
  bias: IntegerTensor | null,
  options: Options & { readonly table: 'Conv2DOptions' | 'DepthwiseConv2DOptions' },
  output: IntegerOutput,
  kernels: Kernels,
): Int8Array {
  const depthwise = options.table === 'DepthwiseConv2DOptions';
  const [, , , channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = kernel.shape;
  const { strides, padding, dilation } = options;
  const places = placesOf(x.shape, output.shape, { size: [rows, columns], strides, padding, dilation });
  const [, , , filters = 1] = output.shape;
  const multiplier = filters / channels;
  const seen = kernel.shape[3] ?? 1;
  const groups = channels / seen;
  const fold = requantizer(x, kernel, output, options.fused, kernels);
  const codes = new Int8Array(sizeOf(output.shape));
  places((target, inside) => {
    for (let filter = 0; filter < filters; filter++) {
      let acc = bias === null ? 0 : (bias.codes[filter] as number);
      inside((source, tap) => {
        if (depthwise) {
          const value = (x.codes[source * channels + Math.floor(filter / multiplier)] as number) - x.zeroPoint;
          acc += value * (kernel.codes[tap * filters + filter] as number);
          return;
        }
        const base = (filter * rows * columns + tap) * seen;
        const from = source * channels + Math.floor((filter * groups) / filters) * seen;
        for (let c = 0; c < seen; c++) acc += ((x.codes[from + c] as number) - x.zeroPoint) * (kernel.codes[base + c] as number);
      });
      codes[target * filters + filter] = fold(acc, filter);
    }
  });
  return codes;
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
  const [units = 1, inputs = 1] = kernel.shape;
  // The interpreter multiplies the two scales as float32 where there is one for all units.
  const product = Math.fround(scaleOf(x) * scaleOf(kernel));
  const single = kernel.scale.length === 1 ? { ...kernel, scale: [product / scaleOf(x)] } : kernel;
  const fold = requantizer(x, single, output, fused, kernels);
  const codes = new Int8Array(sizeOf(output.shape));
  for (let row = 0; row < codes.length / units; row++) {
    for (let unit = 0; unit < units; unit++) {
      let acc = bias === null ? 0 : (bias.codes[unit] as number);
      for (let i = 0; i < inputs; i++)
        acc += ((x.codes[row * inputs + i] as number) - x.zeroPoint) * (kernel.codes[unit * inputs + i] as number);
      codes[row * units + unit] = fold(acc, unit);
    }
  }
  return codes;
}
