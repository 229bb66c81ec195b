/** Which steps of a sequence count: a choice, through which no gradient flows. */
import * as tf from '@tensorflow/tfjs-core';

/** 1 where the last axis holds something other than `maskValue`, else 0; that axis stays, with one element. */
export function keptSteps(x: tf.Tensor, maskValue: number): tf.Tensor {
  const { shape } = x;
  const onTape = tf.customGrad((...args) => {
    const [input] = args as unknown as [tf.Tensor];
    const value = tf.cast(tf.any(tf.notEqual(input, tf.scalar(maskValue, input.dtype)), -1, true), 'float32');
    return { value, gradFunc: () => tf.zeros(shape) };
  });
  return onTape(x);
}
