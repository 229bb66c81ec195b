/**
 * Gradients of a 2-D convolution y = x ∗ w as convolutions themselves, so that the fast forward kernel does the work:
 *
 *   ∂L/∂x = spread(∂L/∂y) ∗ flip(w)ᵀ     spread puts strides − 1 zeros between the pixels and pads to height + kernel − 1
 *   ∂L/∂w = xᵀ ∗ (∂L/∂y)ᵀ                 channels of x as batch, the batch as channels, dilation = strides
 *
 * Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4. Pointwise filters take a matrix product,
 * and so do shapes that columns suit better (columns.ts).
 */
import type * as tf from '@tensorflow/tfjs-core';
import { columnFilterGradient, columnInputGradient, spreadsMuch } from './columns.ts';
import { allocate, call, consume, convolution, type Heap, type Shape4, view, type WindowAttrs } from './heap.ts';

type Geometry = tf.backend_util.Conv2DInfo;

/** dy [n, outHeight, outWidth, c] to [n, inHeight + kernel − 1, inWidth + kernel − 1, c], every pixel where the input gradient needs it. */
export function spread(heap: Heap, dy: tf.TensorInfo, geometry: Geometry): tf.TensorInfo {
  const { batchSize, outHeight, outWidth, outChannels, strideHeight, strideWidth, filterHeight, filterWidth } = geometry;
  const height = geometry.inHeight + filterHeight - 1;
  const width = geometry.inWidth + filterWidth - 1;
  const top = filterHeight - 1 - geometry.padInfo.top;
  const left = filterWidth - 1 - geometry.padInfo.left;
  const out = allocate(heap, [batchSize, height, width, outChannels]);
  const target = view(heap, out).fill(0);
  const source = view(heap, dy);
  // Pixels outside the frame saw nothing but padding: they have no part in the gradient.
  const columns = Array.from({ length: outWidth }, (_, column) => column).filter(
    (column) => left + column * strideWidth >= 0 && left + column * strideWidth < width,
  );
  const run = strideWidth === 1 ? columns.length : 1;
  for (let image = 0; image < batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      const at = top + row * strideHeight;
      if (at < 0 || at >= height) continue;
      for (let i = 0; i < columns.length; i += run) {
        const column = columns[i] as number;
        const from = ((image * outHeight + row) * outWidth + column) * outChannels;
        const to = ((image * height + at) * width + left + column * strideWidth) * outChannels;
        target.set(source.subarray(from, from + run * outChannels), to);
      }
    }
  }
  return out;
}

/** Filter [kh, kw, input, output], turned by 180° and with its channels swapped. */
function flipAndTranspose(heap: Heap, filter: tf.TensorInfo): tf.TensorInfo {
  const [height, width, input, output] = filter.shape as Shape4;
  const flipped = allocate(heap, [height, width, output, input]);
  const target = view(heap, flipped);
  const source = view(heap, filter);
  const taps = height * width;
  const block = input * output;
  for (let tap = 0; tap < taps; tap++) {
    const from = tap * block;
    const to = (taps - 1 - tap) * block;
    for (let i = 0; i < input; i++) {
      for (let o = 0; o < output; o++) target[to + o * input + i] = source[from + i * output + o] as number;
    }
  }
  return flipped;
}

/** Kernel `Conv2DBackpropInput`: ∂L/∂x from dy and filter. */
export function convolutionInputGradient(
  heap: Heap,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  attrs: WindowAttrs & { readonly inputShape: Shape4 },
): tf.TensorInfo {
  const geometry = convolution(attrs.inputShape, filter.shape as Shape4, attrs);
  if (isPointwise(geometry)) return pointwiseInputGradient(heap, dy, filter, attrs.inputShape);
  if (spreadsMuch(geometry)) return columnInputGradient(heap, dy, filter, geometry);
  const inputs = { x: spread(heap, dy, geometry), filter: flipAndTranspose(heap, filter) };
  return consume(heap, 'Conv2D', inputs, { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC', dilations: [1, 1] });
}

/** Kernel `Conv2DBackpropFilter`: ∂L/∂w from x and dy. */
export function convolutionFilterGradient(
  heap: Heap,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  attrs: WindowAttrs & { readonly filterShape: Shape4 },
): tf.TensorInfo {
  const geometry = convolution(x.shape as Shape4, attrs.filterShape, attrs);
  if (isPointwise(geometry)) return pointwiseFilterGradient(heap, x, dy, attrs.filterShape);
  return geometry.inChannels < 4 ? columnFilterGradient(heap, x, dy, geometry) : swapped(heap, x, dy, geometry);
}

function isPointwise({ filterHeight, filterWidth, strideHeight, strideWidth, padInfo }: Geometry): boolean {
  const { top, bottom, left, right } = padInfo;
  return [filterHeight, filterWidth, strideHeight, strideWidth].every((size) => size === 1) && top + bottom + left + right === 0;
}

/** Pixels as rows, or a pointwise filter as its matrix. */
function matrix(heap: Heap, tensor: tf.TensorInfo): tf.TensorInfo {
  return call(heap, 'Reshape', { x: tensor }, { shape: [-1, tensor.shape[3]] });
}

function pointwiseInputGradient(heap: Heap, dy: tf.TensorInfo, filter: tf.TensorInfo, inputShape: Shape4): tf.TensorInfo {
  const inputs = { a: matrix(heap, dy), b: matrix(heap, filter) };
  const product = consume(heap, 'BatchMatMul', inputs, { transposeA: false, transposeB: true });
  return consume(heap, 'Reshape', { x: product }, { shape: inputShape });
}

function pointwiseFilterGradient(heap: Heap, x: tf.TensorInfo, dy: tf.TensorInfo, filterShape: Shape4): tf.TensorInfo {
  const inputs = { a: matrix(heap, x), b: matrix(heap, dy) };
  const product = consume(heap, 'BatchMatMul', inputs, { transposeA: true, transposeB: false });
  return consume(heap, 'Reshape', { x: product }, { shape: filterShape });
}

function swapped(heap: Heap, x: tf.TensorInfo, dy: tf.TensorInfo, geometry: Geometry): tf.TensorInfo {
  const { top, bottom, left, right } = geometry.padInfo;
  const inputs = {
    x: call(heap, 'Transpose', { x }, { perm: [3, 1, 2, 0] }),
    filter: call(heap, 'Transpose', { x: dy }, { perm: [1, 2, 0, 3] }),
  };
  const gradient = consume(heap, 'Conv2D', inputs, {
    strides: [1, 1],
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
    dataFormat: 'NHWC',
    dilations: [geometry.strideHeight, geometry.strideWidth],
  });
  const turned = consume(heap, 'Transpose', { x: gradient }, { perm: [1, 2, 0, 3] });
  const size = [geometry.filterHeight, geometry.filterWidth, geometry.inChannels, geometry.outChannels];
  // Rows and columns that the strides never reach give taps beyond the filter.
  return consume(heap, 'Slice', { x: turned }, { begin: [0, 0, 0, 0], size });
}
