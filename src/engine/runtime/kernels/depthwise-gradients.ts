/**
 * Gradients of a depthwise convolution, filter [kh, kw, channels, multiplier], output channel = channel · multiplier + m.
 * The input gradient is a depthwise convolution of the spread-out dy with the flipped filter, summed over the multiplier;
 * the filter gradient is the plain sum over all pixels, accumulated in double precision.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { spread } from './convolution-gradients.ts';
import { allocate, consume, convolution, type Heap, type Shape4, view, type WindowAttrs } from './heap.ts';

/** Kernel `DepthwiseConv2dNativeBackpropInput`: ∂L/∂x from dy and filter. */
export function depthwiseInputGradient(
  heap: Heap,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  attrs: WindowAttrs & { readonly inputShape: Shape4 },
): tf.TensorInfo {
  const geometry = convolution(attrs.inputShape, filter.shape as Shape4, attrs, true);
  const inputs = { x: spread(heap, dy, geometry), filter: flip(heap, filter) };
  const perOutput = consume(heap, 'DepthwiseConv2dNative', inputs, { strides: [1, 1], pad: 'valid', dilations: [1, 1] });
  const multiplier = geometry.outChannels / geometry.inChannels;
  if (multiplier === 1) return perOutput;
  const grouped = consume(heap, 'Reshape', { x: perOutput }, { shape: [...attrs.inputShape, multiplier] });
  return consume(heap, 'Sum', { x: grouped }, { axis: [4], keepDims: false });
}

/** Filter turned by 180°, one output per channel: [kh, kw, channels · multiplier, 1]. */
function flip(heap: Heap, filter: tf.TensorInfo): tf.TensorInfo {
  const [height, width, channels, multiplier] = filter.shape as Shape4;
  const block = channels * multiplier;
  const flipped = allocate(heap, [height, width, block, 1]);
  const target = view(heap, flipped);
  const source = view(heap, filter);
  for (let tap = 0; tap < height * width; tap++) {
    target.set(source.subarray(tap * block, (tap + 1) * block), (height * width - 1 - tap) * block);
  }
  return flipped;
}

/** Kernel `DepthwiseConv2dNativeBackpropFilter`: ∂L/∂w from x and dy. */
export function depthwiseFilterGradient(
  heap: Heap,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  attrs: WindowAttrs & { readonly filterShape: Shape4 },
): tf.TensorInfo {
  const geometry = convolution(x.shape as Shape4, attrs.filterShape, attrs, true);
  const gradient = allocate(heap, attrs.filterShape);
  const sums = new Float64Array(geometry.filterHeight * geometry.filterWidth * geometry.outChannels);
  const { batchSize, outHeight } = geometry;
  const [pixels, slopes] = [view(heap, x), view(heap, dy)];
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) accumulateRow(sums, pixels, slopes, geometry, image, row);
  }
  view(heap, gradient).set(sums);
  return gradient;
}

/** Adds one row of dy, met with every tap of the filter, to the sums. */
function accumulateRow(
  sums: Float64Array,
  pixels: Float32Array,
  slopes: Float32Array,
  geometry: tf.backend_util.Conv2DInfo,
  image: number,
  row: number,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideWidth } = geometry;
  const multiplier = outChannels / inChannels;
  const slopeStart = (image * outHeight + row) * outWidth * outChannels;
  for (let tapRow = 0; tapRow < filterHeight; tapRow++) {
    const inRow = row * geometry.strideHeight - geometry.padInfo.top + tapRow;
    if (inRow < 0 || inRow >= inHeight) continue;
    const pixelStart = (image * inHeight + inRow) * inWidth * inChannels;
    for (let tapColumn = 0; tapColumn < filterWidth; tapColumn++) {
      const shift = tapColumn - geometry.padInfo.left;
      const first = Math.max(0, Math.ceil(-shift / strideWidth));
      const last = Math.min(outWidth, Math.ceil((inWidth - shift) / strideWidth));
      const sum = (tapRow * filterWidth + tapColumn) * outChannels;
      for (let output = 0; output < outChannels; output++) {
        let pixel = pixelStart + (first * strideWidth + shift) * inChannels + Math.floor(output / multiplier);
        let slope = slopeStart + first * outChannels + output;
        let total = 0;
        for (let column = first; column < last; column++) {
          total += (pixels[pixel] as number) * (slopes[slope] as number);
          pixel += strideWidth * inChannels;
          slope += outChannels;
        }
        sums[sum + output] = (sums[sum + output] as number) + total;
      }
    }
  }
}
