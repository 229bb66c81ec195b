/**
 * What a kernel needs of the TF.js WASM backend: memory for its result, views of the heap and the kernels that are already there.
 * Views end with the next allocation (the heap may move when it grows), so a kernel allocates first and looks afterwards.
 */

import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

export type Heap = Pick<BackendWasm, 'makeOutput' | 'typedArrayFromHeap' | 'disposeData'>;

/** A rank-4 shape, NHWC for activations and [height, width, input, output] for filters. */
export type Shape4 = [number, number, number, number];
type Padding = 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;

/** Attributes that the convolution and pooling gradients share. */
export interface WindowAttrs {
  readonly strides: number | [number, number];
  readonly pad: Padding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: number | [number, number];
}

/** The float32 values of a tensor, as a view that ends with the next allocation. */
export function view(heap: Heap, tensor: tf.TensorInfo): Float32Array {
  return heap.typedArrayFromHeap(tensor) as Float32Array;
}

/** A float32 tensor whose values are whatever the memory held. */
export function allocate(heap: Heap, shape: readonly number[]): tf.TensorInfo {
  return heap.makeOutput([...shape], 'float32');
}

/** Runs another kernel of the WASM backend. */
export function call(heap: Heap, kernel: string, inputs: tf.NamedTensorInfoMap, attrs: object): tf.TensorInfo {
  const config = tf.getKernel(kernel, 'wasm');
  return config.kernelFunc({ inputs, backend: heap, attrs: attrs as tf.NamedAttrMap }) as tf.TensorInfo;
}

/** Runs another kernel and frees the tensors that were made for it. */
export function consume(heap: Heap, kernel: string, inputs: tf.NamedTensorInfoMap, attrs: object): tf.TensorInfo {
  const result = call(heap, kernel, inputs, attrs);
  for (const input of Object.values(inputs)) if (input) heap.disposeData(input.dataId);
  return result;
}

/** The geometry of a convolution; the gradients know neither dilation nor channels first, as stock TF.js. */
export function convolution(input: Shape4, filter: Shape4, attrs: WindowAttrs, depthwise = false): tf.backend_util.Conv2DInfo {
  const { strides, pad, dimRoundingMode, dataFormat = 'NHWC', dilations = 1 } = attrs;
  tf.util.assert(dataFormat === 'NHWC', () => `Convolution gradients take NHWC, not ${dataFormat}.`);
  tf.util.assert(
    [dilations].flat().every((step) => step === 1),
    () => `Convolution gradients take no dilation (${dilations}).`,
  );
  return tf.backend_util.computeConv2DInfo(input, filter, strides, 1, pad, dimRoundingMode, depthwise);
}
