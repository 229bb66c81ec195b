/**
 * Gradient of max pooling: each dy goes to the first largest pixel of its window, as in TF.js' own CPU backend.
 * Pixels of the padding never win.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, type Heap, type Shape4, view, type WindowAttrs } from './heap.ts';

/** Kernel `MaxPoolGrad`: ∂L/∂x from dy and the pooled input. */
export function maxPoolGradient(
  heap: Heap,
  dy: tf.TensorInfo,
  input: tf.TensorInfo,
  attrs: WindowAttrs & { readonly filterSize: number | [number, number] },
): tf.TensorInfo {
  const shape = input.shape as Shape4;
  const { filterSize, strides, pad, dimRoundingMode } = attrs;
  const geometry = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const gradient = allocate(heap, shape);
  const target = view(heap, gradient).fill(0);
  const [pixels, slopes] = [view(heap, input), view(heap, dy)];
  const { batchSize, outHeight, outWidth, inHeight, inWidth, inChannels: channels } = geometry;
  for (let image = 0, slope = 0; image < batchSize; image++) {
    const base = image * inHeight * inWidth * channels;
    for (let row = 0; row < outHeight; row++) {
      const [top, bottom] = clip(row * geometry.strideHeight - geometry.padInfo.top, geometry.filterHeight, inHeight);
      for (let column = 0; column < outWidth; column++, slope += channels) {
        const [left, right] = clip(column * geometry.strideWidth - geometry.padInfo.left, geometry.filterWidth, inWidth);
        if (top >= bottom || left >= right) continue;
        const first = base + (top * inWidth + left) * channels;
        for (let channel = 0; channel < channels; channel++) {
          let winner = first + channel;
          let largest = pixels[winner] as number;
          for (let row = first + channel, y = top; y < bottom; y++, row += inWidth * channels) {
            for (let at = row, x = left; x < right; x++, at += channels) {
              const pixel = pixels[at] as number;
              if (pixel > largest) {
                largest = pixel;
                winner = at;
              }
            }
          }
          target[winner] = (target[winner] as number) + (slopes[slope + channel] as number);
        }
      }
    }
  }
  return gradient;
}

/** The part of a window that lies inside the picture, from (inclusive) and to (exclusive). */
function clip(from: number, length: number, size: number): readonly [number, number] {
  return [Math.max(0, from), Math.min(size, from + length)];
}
