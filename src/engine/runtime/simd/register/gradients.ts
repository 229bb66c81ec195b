/** Gradients that TF.js composes of several operations where this backend has one. Other backends keep TF.js' own. */
import * as tf from '@tensorflow/tfjs-core';
import { clampGradient } from '../../clamp-gradient.ts';

/** Registers the gradients of rectifiers. On a bound of relu6 nothing passes, where TF.js lets 6 itself through. */
export function registerGradients(): void {
  for (const [kernelName, clamp] of [
    ['Relu', 'relu'],
    ['Relu6', 'relu6'],
  ] as const) {
    const before = tf.getGradient(kernelName);
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      ...before,
      gradFunc(dy, saved, attrs) {
        const own = clampGradient(dy as tf.Tensor, saved[0] as tf.Tensor, clamp);
        return own === undefined ? before.gradFunc(dy, saved, attrs) : { x: () => own };
      },
    });
  }
}
