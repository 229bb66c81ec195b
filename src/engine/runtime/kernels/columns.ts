/**
 * Gradients of a 2-D convolution by columns (im2col, Chellapilla et al. 2006): one row per output pixel with the input pixels that its
 * filter saw, so that a matrix product does the work.
 *
 *   ∂L/∂x = col2im(∂L/∂y · wᵀ)     better than a convolution where spreading dy over its border would add half the work and more
 *   ∂L/∂w = im2col(x)ᵀ · ∂L/∂y     better where x has few channels, which a convolution's inner loop runs over
 */
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, call, consume, type Heap, view } from './heap.ts';

type Geometry = tf.backend_util.Conv2DInfo;

/** Whether the convolution of the spread-out dy would do half as much work again as is needed. */
export function spreadsMuch({ inHeight, inWidth, outHeight, outWidth }: Geometry): boolean {
  return inHeight * inWidth > 1.5 * outHeight * outWidth;
}

/** Adds each row of columns to the pixels that it came from; a row of a filter is one run in both. */
function addColumns(target: Float32Array, source: Float32Array, geometry: Geometry): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = geometry;
  const width = filterHeight * filterWidth * inChannels;
  for (let pixel = 0, image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++, pixel++) {
        const left = column * geometry.strideWidth - geometry.padInfo.left;
        const from = Math.max(0, left);
        const length = (Math.min(inWidth, left + filterWidth) - from) * inChannels;
        for (let tap = 0; tap < filterHeight; tap++) {
          const y = row * geometry.strideHeight - geometry.padInfo.top + tap;
          if (y < 0 || y >= inHeight || length <= 0) continue;
          const inColumns = pixel * width + (tap * filterWidth + from - left) * inChannels;
          const to = ((image * inHeight + y) * inWidth + from) * inChannels;
          for (let i = 0; i < length; i++) target[to + i] = (target[to + i] as number) + (source[inColumns + i] as number);
        }
      }
    }
  }
}

/** ∂L/∂x from dy and the filter. */
export function columnInputGradient(heap: Heap, dy: tf.TensorInfo, filter: tf.TensorInfo, geometry: Geometry): tf.TensorInfo {
  const { batchSize, inHeight, inWidth, inChannels, outChannels } = geometry;
  const a = call(heap, 'Reshape', { x: dy }, { shape: [-1, outChannels] });
  const b = call(heap, 'Reshape', { x: filter }, { shape: [-1, outChannels] });
  const columns = consume(heap, 'BatchMatMul', { a, b }, { transposeA: false, transposeB: true });
  const gradient = allocate(heap, [batchSize, inHeight, inWidth, inChannels]);
  addColumns(view(heap, gradient).fill(0), view(heap, columns), geometry);
  heap.disposeData(columns.dataId);
  return gradient;
}

/** ∂L/∂w from x and dy. Columns are laid down transposed, so that nothing has to be turned before or after the product. */
export function columnFilterGradient(heap: Heap, x: tf.TensorInfo, dy: tf.TensorInfo, geometry: Geometry): tf.TensorInfo {
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels, outChannels } = geometry;
  const pixels = batchSize * outHeight * outWidth;
  const a = allocate(heap, [filterHeight * filterWidth * inChannels, pixels]);
  fillColumns(view(heap, x), view(heap, a).fill(0), geometry, pixels);
  const b = call(heap, 'Reshape', { x: dy }, { shape: [-1, outChannels] });
  const product = consume(heap, 'BatchMatMul', { a, b }, { transposeA: false, transposeB: false });
  return consume(heap, 'Reshape', { x: product }, { shape: [filterHeight, filterWidth, inChannels, outChannels] });
}

/** Writes im2col(x)ᵀ, one row per tap and channel; pixels beyond the border stay 0. */
function fillColumns(source: Float32Array, target: Float32Array, geometry: Geometry, pixels: number): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = geometry;
  const { strideHeight, strideWidth, padInfo } = geometry;
  for (let line = 0; line < filterHeight * filterWidth * inChannels; line++) {
    const channel = line % inChannels;
    const shift = (Math.floor(line / inChannels) % filterWidth) - padInfo.left;
    const down = Math.floor(line / inChannels / filterWidth) - padInfo.top;
    const first = Math.max(0, Math.ceil(-shift / strideWidth));
    const last = Math.min(outWidth, Math.ceil((inWidth - shift) / strideWidth));
    for (let picture = 0; picture < batchSize; picture++) {
      for (let row = 0; row < outHeight; row++) {
        const y = row * strideHeight + down;
        if (y < 0 || y >= inHeight) continue;
        const to = line * pixels + (picture * outHeight + row) * outWidth;
        const from = ((picture * inHeight + y) * inWidth + shift) * inChannels + channel;
        for (let column = first; column < last; column++) {
          target[to + column] = source[from + column * strideWidth * inChannels] as number;
        }
      }
    }
  }
}
