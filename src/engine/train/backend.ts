/** Gradients on the backend that is current: TF.js has them for every backend but WASM, whose missing kernels are ours. */
import * as tf from '@tensorflow/tfjs-core';
import { registerGradientKernels } from '../runtime/kernels/register.ts';

/** Makes the current backend able to train. */
export async function requireGradients(): Promise<void> {
  await tf.ready();
  if (tf.getBackend() === 'wasm') registerGradientKernels();
}
