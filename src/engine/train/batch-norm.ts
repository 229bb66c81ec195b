/**
 * Batch normalization while training (Ioffe & Szegedy 2015) with its gradient in closed form, over all axes but the last:
 *
 *   x̂ = (x − μ) / √(σ² + ε),  y = γ x̂ + β
 *   ∂γ = Σ ∂y x̂,  ∂β = Σ ∂y,  ∂x = γ / √(σ² + ε) · (∂y − ∂β / m − x̂ ∂γ / m)     m samples per channel
 *
 * A rectifier behind it may be part of it. Left to autodiff the same takes about twice as many passes over the activations.
 */
import * as tf from '@tensorflow/tfjs-core';

/** What may follow at once. */
export type Rectifier = 'linear' | 'relu' | 'relu6';

export interface NormalizedBatch {
  readonly y: tf.Tensor;
  /** Per channel, over the batch; biased. */
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** Normalizes the last axis of x by the batch's own statistics, then rectifies it; gamma and beta are [channels]. */
export function normalizeBatch(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  epsilon: number,
  clamp: Rectifier = 'linear',
): NormalizedBatch {
  if (tf.getKernel('NormalizeBatch', tf.getBackend()) !== undefined) return inKernels(x, gamma, beta, epsilon, clamp);
  const batch = inOperations(x, gamma, beta, epsilon);
  return clamp === 'linear' ? batch : { ...batch, y: clamp === 'relu' ? tf.relu(batch.y) : tf.relu6(batch.y) };
}

/** The backend's own kernels of the formulas above. */
function inKernels(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number, clamp: Rectifier): NormalizedBatch {
  const run = (name: string, inputs: object) =>
    tf.engine().runKernel(name, inputs as tf.NamedTensorMap, { epsilon, clamp }) as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
  // Outside of the function that has the gradient, whose inner tensors end with it.
  const [y, mean, variance] = run('NormalizeBatch', { x, gamma, beta });
  const onTape = tf.customGrad((...inputs) => {
    const [values, scale, , save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([values, mean, variance, scale, ...(clamp === 'linear' ? [] : [y])]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [before, m, v, factor, after] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor?];
      return run('NormalizeBatchGradient', { x: before, dy, mean: m, variance: v, gamma: factor, y: after });
    };
    return { value: tf.clone(y), gradFunc };
  });
  return { y: onTape(x, gamma, beta), mean, variance };
}

function inOperations(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): NormalizedBatch {
  const channels = gamma.size;
  const count = x.size / channels;
  const rows = (tensor: tf.Tensor) => tf.reshape(tensor, [count, channels]);
  const mean = tf.div(tf.sum(rows(x), 0), count);
  const centred = tf.sub(rows(x), mean);
  const variance = tf.div(tf.sum(tf.square(centred), 0), count);
  const normalize = tf.customGrad((...inputs) => {
    const [values, scale, offset, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    save([centred, inverse, scale]);
    const value = tf.reshape(tf.add(tf.mul(centred, tf.mul(inverse, scale)), offset), values.shape);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [deviation, inverted, factor] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const slopes = rows(dy);
      const dBeta = tf.sum(slopes, 0);
      const dGamma = tf.mul(tf.sum(tf.mul(slopes, deviation), 0), inverted);
      const gain = tf.mul(factor, inverted);
      const shift = tf.div(tf.mul(gain, dBeta), -count);
      const pull = tf.div(tf.mul(tf.mul(gain, inverted), dGamma), -count);
      const dx = tf.add(tf.add(tf.mul(slopes, gain), tf.mul(deviation, pull)), shift);
      return [tf.reshape(dx, dy.shape), dGamma, dBeta];
    };
    return { value, gradFunc };
  });
  return { y: normalize(x, gamma, beta), mean, variance };
}
