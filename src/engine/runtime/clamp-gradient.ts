/** What of a gradient passes back through a rectifier, in one pass where the backend has a kernel for it. */
import * as tf from '@tensorflow/tfjs-core';

/** The names of those kernels; their inputs are `dy` and `y`, the rectifier's output or input. */
export const clampKernels = { relu: 'ReluGradient', relu6: 'Relu6Gradient' } as const;

/** dy where y lies between the bounds, else 0; undefined where the backend has no kernel for it. */
export function clampGradient(dy: tf.Tensor, y: tf.Tensor, clamp: keyof typeof clampKernels): tf.Tensor | undefined {
  const name = clampKernels[clamp];
  if (tf.getKernel(name, tf.getBackend()) === undefined) return undefined;
  return tf.engine().runKernel(name, { dy, y } as unknown as tf.NamedTensorMap) as tf.Tensor;
}
