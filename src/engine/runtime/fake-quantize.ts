/**
 * Rounding to a grid on a device. The own backend has a kernel for it; on other CPU backends it is `fakeQuantize` itself, whose one pass
 * costs less than the five operations that stand for it on a GPU. Those round (x / scale) + ½ in float32, so that a number just below a tie may go up.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fakeQuantize, type GridSteps } from '../model/activation-grid.ts';
import { isProcessor } from './backends.ts';

/** The nearest level of each element, a new tensor. */
export function fakeQuantizeTensor(x: tf.Tensor, grid: GridSteps): tf.Tensor {
  const { scale, zeroPoint, low, high } = grid;
  const backend = tf.getBackend();
  // What the type says is never null is undefined for kernels that a backend has not.
  if ((tf.getKernel('RoundToGrid', backend) as tf.KernelConfig | undefined) !== undefined)
    return tf.engine().runKernel('RoundToGrid', { x }, { scale, least: low - zeroPoint, most: high - zeroPoint });
  if (isProcessor(backend)) return tf.tensor(fakeQuantize(x.dataSync() as Float32Array, grid), x.shape);
  return tf.tidy(() => {
    const place = tf.div(x, scale);
    const level = tf.mul(tf.sign(place), tf.floor(tf.add(tf.abs(place), 0.5)));
    return tf.mul(tf.clipByValue(level, low - zeroPoint, high - zeroPoint), scale);
  });
}
