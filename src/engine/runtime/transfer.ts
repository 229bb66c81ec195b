/** Arrays onto the device and back. */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../errors.ts';
import { elementCount } from '../model/model.ts';
import { formatShape } from '../model/ops/define.ts';

/** Throws RUNTIME_INPUT_SIZE where the numbers are no batch of this shape. */
export function requireBatch(values: Float32Array, shape: readonly number[], count: number): void {
  const expected = count * elementCount(shape);
  if (values.length === expected) return;
  throw new StudioError({
    code: 'RUNTIME_INPUT_SIZE',
    title: 'The data does not fit the model.',
    detail: `${count} samples of ${formatShape(shape)} are ${expected} numbers, but ${values.length} were given.`,
    hint: "Check the preprocessing: picture size and channels must be the model's.",
    context: { shape, count, given: values.length },
  });
}

/** Samples `start … start + size − 1` of row-major numbers, filled up with zeros behind the last. */
export function filledBatch(values: Float32Array, shape: readonly number[], start: number, size: number): Float32Array {
  const each = elementCount(shape);
  const batch = new Float32Array(size * each);
  batch.set(values.subarray(start * each, (start + size) * each));
  return batch;
}

/** A batch as a tensor. Throws RUNTIME_INPUT_SIZE where the numbers are no batch of this shape. */
export function inputTensor(
  values: Float32Array,
  shape: readonly number[],
  count: number,
  dtype: 'float32' | 'int32',
): tf.Tensor {
  requireBatch(values, shape, count);
  return tf.tensor(dtype === 'int32' ? Int32Array.from(values) : values, [count, ...shape], dtype);
}

/** The values of a tensor; they may be memory that the backend uses again. */
export async function readValues(output: tf.Tensor): Promise<Float32Array> {
  const values = await output.data();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
