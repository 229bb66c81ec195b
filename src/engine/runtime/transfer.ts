/** Arrays onto the device and back. */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../errors.ts';
import { elementCount } from '../model/model.ts';
import { formatShape } from '../model/ops/define.ts';

/** A batch as a tensor. Throws RUNTIME_INPUT_SIZE where the numbers are no batch of this shape. */
export function inputTensor(
  values: Float32Array,
  shape: readonly number[],
  count: number,
  dtype: 'float32' | 'int32',
): tf.Tensor {
  const expected = count * elementCount(shape);
  if (values.length !== expected) {
    throw new StudioError({
      code: 'RUNTIME_INPUT_SIZE',
      title: 'The data does not fit the model.',
      detail: `${count} samples of ${formatShape(shape)} are ${expected} numbers, but ${values.length} were given.`,
      hint: "Check the preprocessing: picture size and channels must be the model's.",
      context: { shape, count, given: values.length },
    });
  }
  return tf.tensor(dtype === 'int32' ? Int32Array.from(values) : values, [count, ...shape], dtype);
}

/** The values of a tensor; they may be memory that the backend uses again. */
export async function readValues(output: tf.Tensor): Promise<Float32Array> {
  const values = await output.data();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
