/**
 * Rounding to a grid on a device. On the CPU backends it is `fakeQuantize` itself, whose one pass costs less than the five operations that
 * stand for it on a GPU; those round (x / scale) + ½ in float32, so that a number just below a tie may go up.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fakeQuantize, type GridSteps } from '../model/activation-grid.ts';
import { isProcessor } from './backends.ts';

/** The nearest level of each element, a new tensor. */
export function fakeQuantizeTensor(x: tf.Tensor, grid: GridSteps): tf.Tensor {
  if (isProcessor(tf.getBackend())) return tf.tensor(fakeQuantize(x.dataSync() as Float32Array, grid), x.shape);
  const { scale, zeroPoint, low, high } = grid;
  return tf.tidy(() => {
    const place = tf.div(x, scale);
    const level = tf.mul(tf.sign(place), tf.floor(tf.add(tf.abs(place), 0.5)));
    return tf.mul(tf.clipByValue(level, low - zeroPoint, high - zeroPoint), scale);
  });
}
