/** Every kernel of TF.js' plain JavaScript backend, on tensors of the arena. What is heavy is replaced by kernels of the module. */
import * as tf from '@tensorflow/tfjs-core';

export function registerPlainKernels(): void {
  for (const config of tf.getKernelsForBackend('cpu')) tf.registerKernel({ ...config, backendName: 'simd' });
}
