/**
 * Pictures at another size, by nearest or bilinear interpolation between the centres of pixels: place i of n' is (i + ½) n / n' − ½ of n,
 * clamped at the edges. While training it is two products with matrices of weights, since the gradients of TF.js' own kernels count from
 * the corners and mix up height and width.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Pair } from './convolution.ts';

export type Interpolation = 'nearest' | 'bilinear';

/** Row-major [to, from]: how much each old place weighs in each new one. */
export function resampling(from: number, to: number, interpolation: Interpolation): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let place = 0; place < to; place++) {
    const exact = ((place + 0.5) * from) / to;
    if (interpolation === 'nearest') {
      matrix[place * from + Math.min(from - 1, Math.floor(exact))] = 1;
      continue;
    }
    const at = Math.min(from - 1, Math.max(0, exact - 0.5));
    const low = Math.floor(at);
    const high = Math.min(from - 1, low + 1);
    matrix[place * from + low] = 1 - (at - low);
    matrix[place * from + high] = (matrix[place * from + high] as number) + (at - low);
  }
  return matrix;
}

/** The first axis of x by a matrix [to, from]. */
function byMatrix(x: tf.Tensor, to: number, interpolation: Interpolation): tf.Tensor {
  const [from = 1, ...rest] = x.shape;
  const matrix = tf.tensor2d(resampling(from, to, interpolation), [to, from]);
  return tf.reshape(tf.matMul(matrix, tf.reshape(x, [from, -1]) as tf.Tensor2D), [to, ...rest]);
}

/** x [batch, height, width, channels] at the size [height, width]. */
export function resample(x: tf.Tensor4D, size: Pair, interpolation: Interpolation, training: boolean): tf.Tensor {
  if (training) {
    const tall = byMatrix(tf.transpose(x, [1, 0, 2, 3]), size[0], interpolation);
    const whole = byMatrix(tf.transpose(tall, [2, 1, 0, 3]), size[1], interpolation);
    return tf.transpose(whole, [1, 2, 0, 3]);
  }
  const resize = interpolation === 'nearest' ? tf.image.resizeNearestNeighbor : tf.image.resizeBilinear;
  return resize(x, [...size], false, true);
}
