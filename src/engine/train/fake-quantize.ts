/**
 * Rounding to a grid on the tape. Gradients pass straight through inside of the range and are 0 where a number was clipped (half a step
 * beyond the ends counts as inside); a step that is learned gets the gradient of LSQ (activation-ranges.ts). In one pass over the arrays
 * on the CPU backends, in tensor operations on a GPU.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { GridSteps } from '../model/activation-grid.ts';
import { isProcessor } from '../runtime/backends.ts';
import { fakeQuantizeTensor } from '../runtime/fake-quantize.ts';

/** The nearest levels of x; `scale`, a tensor of one number, is the learned step. */
export function fakeQuantizeOnTape(x: tf.Tensor, grid: GridSteps, scale: tf.Tensor | undefined): tf.Tensor {
  const onTape = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    save([x]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [input] = saved as [tf.Tensor];
      const { dx, ds } = isProcessor(tf.getBackend())
        ? loopGradients(dy, input, grid, scale !== undefined)
        : tensorGradients(dy, input, grid, scale !== undefined);
      return ds === undefined ? dx : [dx, ds];
    };
    return { value: fakeQuantizeTensor(x, grid), gradFunc };
  });
  return scale === undefined ? onTape(x) : onTape(x, scale);
}

interface Gradients {
  readonly dx: tf.Tensor;
  readonly ds: tf.Tensor | undefined;
}

/** Gradients of x and of a learned step, by a loop over the arrays. */
export function loopGradients(
  dy: tf.Tensor,
  x: tf.Tensor,
  { scale, zeroPoint, low, high }: GridSteps,
  learned: boolean,
): Gradients {
  const [values, slopes] = [x.dataSync() as Float32Array, dy.dataSync() as Float32Array];
  const [least, most] = [low - zeroPoint, high - zeroPoint];
  const [from, to] = [(least - 0.5) * scale, (most + 0.5) * scale];
  const through = new Float32Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const slope = slopes[i] as number;
    if (value > from && value < to) through[i] = slope;
    if (!learned) continue;
    const place = Math.fround(value / scale);
    if (place <= least) sum += slope * least;
    else if (place >= most) sum += slope * most;
    else sum += slope * ((place < 0 ? -Math.floor(0.5 - place) : Math.floor(place + 0.5)) - place);
  }
  return { dx: tf.tensor(through, x.shape), ds: learned ? tf.tensor1d([sum]) : undefined };
}

/** The same in tensor operations. */
export function tensorGradients(dy: tf.Tensor, x: tf.Tensor, grid: GridSteps, learned: boolean): Gradients {
  const { scale, zeroPoint, low, high } = grid;
  const [least, most] = [low - zeroPoint, high - zeroPoint];
  const inside = tf.logicalAnd(tf.greater(x, (least - 0.5) * scale), tf.less(x, (most + 0.5) * scale));
  const dx = tf.mul(dy, tf.cast(inside, 'float32'));
  if (!learned) return { dx, ds: undefined };
  const place = tf.div(x, scale);
  const within = tf.logicalAnd(tf.greater(place, least), tf.less(place, most));
  const level = tf.div(fakeQuantizeTensor(x, grid), scale);
  const change = tf.where(within, tf.sub(level, place), level);
  return { dx, ds: tf.reshape(tf.sum(tf.mul(dy, change)), [1]) };
}
