/**
 * How one sample is made to fit a model's input shape. Pictures are resized and their channels adapted; anything else must have
 * the same numbers in the same order: a flat row becomes a picture or a picture a flat row, and axes of size 1 may come and go.
 * A transposition is never guessed: [3, 32, 32] does not become [32, 32, 3].
 */
import { elementCount } from '../model/model.ts';
import { dataError } from './data-error.ts';

/** The shape as that of a picture, [height, width, channels] with 1, 3 or 4 channels, or null where it is something else. */
export function pictureShape(shape: readonly number[]): readonly [number, number, number] | null {
  const [height = 0, width = 0, channels = 0] = shape;
  return shape.length === 3 && (channels === 1 || channels === 3 || channels === 4) ? [height, width, channels] : null;
}

/** True where the same numbers in the same order stand for both shapes without mixing up axes. */
export function sameNumbers(from: readonly number[], to: readonly number[]): boolean {
  if (elementCount(from) !== elementCount(to)) return false;
  const a = from.filter((size) => size !== 1);
  const b = to.filter((size) => size !== 1);
  return a.length <= 1 || b.length <= 1 || (a.length === b.length && a.every((size, axis) => size === b[axis]));
}

/** Refuses samples of one shape for a model input of another, naming both. */
export function shapeMismatch(name: string, sample: readonly number[], input: readonly number[]): Error {
  const channelFirst = sample.length === 3 && input.length === 3 && sample[0] === input[2] && sample[1] === input[0];
  return dataError(
    'DATA_SHAPE',
    `The data "${name}" does not fit the model's input.`,
    `A sample is ${describeShape(sample)}; the model takes ${describeShape(input)}.`,
    channelFirst
      ? 'The channels come first here: transpose the array to [n, height, width, channels] and save it again.'
      : sample.length === 1
        ? 'Remove or add columns until the number of features matches, and check which column is the label.'
        : 'Use the data this model was trained for, or a model with this input.',
    { sample: [...sample], input: [...input] },
  );
}

/** Words for a shape: `28×28×1 (784 values)`. */
export function describeShape(shape: readonly number[]): string {
  return shape.length === 1 ? `${shape[0]} values` : `${shape.join('×')} (${elementCount(shape)} values)`;
}
