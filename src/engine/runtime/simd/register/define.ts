/** How a kernel of the module takes the place of a plain one: for the tensors that it knows, the plain one for all others. */
import * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';

type Inputs<Names extends string> = Readonly<Record<Names, tf.TensorInfo>>;

/** What a kernel is given; an optional input that is absent is undefined. */
export interface Call<Names extends string, Attributes> {
  readonly backend: SimdBackend;
  readonly inputs: Inputs<Names>;
  readonly attrs: Attributes;
}

/**
 * Registers `run` for a kernel of TF.js. Where it gives undefined, having done nothing, the kernel that was there before runs. It throws
 * where there is none.
 */
export function define<Names extends string, Attributes>(
  kernelName: string,
  run: (call: Call<Names, Attributes>) => tf.TensorInfo | tf.TensorInfo[] | undefined,
): void {
  const plain = tf.getKernel(kernelName, 'simd') as tf.KernelConfig | undefined;
  if (plain !== undefined) tf.unregisterKernel(kernelName, 'simd');
  tf.registerKernel({
    kernelName,
    backendName: 'simd',
    kernelFunc(call) {
      const made = run(call as unknown as Call<Names, Attributes>);
      if (made !== undefined) return made;
      if (plain === undefined) throw new Error(`The kernel ${kernelName} does not take these tensors.`);
      return plain.kernelFunc(call);
    },
  });
}

/** Another kernel of this backend. */
export function call(
  backend: SimdBackend,
  kernelName: string,
  inputs: Readonly<Record<string, tf.TensorInfo | undefined>>,
  attrs: object = {},
): tf.TensorInfo {
  const { kernelFunc } = tf.getKernel(kernelName, 'simd');
  return kernelFunc({ inputs: inputs as tf.NamedTensorInfoMap, backend, attrs: attrs as tf.NamedAttrMap }) as tf.TensorInfo;
}

/** The same numbers under another shape. */
export function reshaped(backend: SimdBackend, x: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: [...shape], dtype: x.dtype };
}

export const isFloat = ({ dtype }: tf.TensorInfo): boolean => dtype === 'float32';
export const sizeOf = ({ shape }: tf.TensorInfo): number => tf.util.sizeFromShape(shape);
