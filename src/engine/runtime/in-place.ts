/**
 * Arrays that JavaScript and the backend's kernels both work on where they lie: the tensors of a backend in memory that JavaScript sees. The
 * others have none; what is kept between two steps are arrays of JavaScript's there, and gradients are read back.
 */
import * as tf from '@tensorflow/tfjs-core';

/** One parameter of an optimizer's step: its numbers, their gradient, both running averages, and factors of the rate. */
export interface StepArrays {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly first: Float32Array;
  readonly second?: Float32Array;
  readonly paces?: Float32Array;
  /** Adam: what the numbers are multiplied with before the step. Momentum: how much of the numbers is added to the gradient. */
  readonly decay: number;
}

export interface InPlaceBackend {
  /** A tensor's own numbers, until it is gone; undefined for other tensors than those of floats, and where several share the numbers. */
  ownNumbers(tensor: tf.Tensor): Float32Array | undefined;
  /** A step of `train/optimizer.ts` over all parameters; false, having done nothing, where an array to be changed lies elsewhere. */
  step(kind: 'adam' | 'momentum', rate: number, floor: number, parameters: readonly StepArrays[]): boolean;
  /** The sum of all squares, in the order of `train/clip.ts`. */
  sumOfSquares(arrays: readonly Float32Array[]): number;
}

/** What the current backend does in place; undefined where it does nothing so. */
export function inPlace(): InPlaceBackend | undefined {
  const backend = tf.getBackend() ? (tf.backend() as Partial<InPlaceBackend>) : undefined;
  return backend?.ownNumbers === undefined ? undefined : (backend as InPlaceBackend);
}

/** Arrays for as long as some work lasts. */
export interface Workspace {
  /** An array with the same numbers, where kernels can change it. */
  place(numbers: Float32Array): Float32Array;
  dispose(): void;
}

export function createWorkspace(): Workspace {
  const kept: tf.Tensor[] = [];
  return {
    place(numbers) {
      const backend = inPlace();
      if (backend === undefined) return numbers.slice();
      const tensor = tf.keep(tf.tensor1d(numbers));
      kept.push(tensor);
      return backend.ownNumbers(tensor) ?? numbers.slice();
    },
    dispose: () => tf.dispose(kept),
  };
}

/** The numbers of a tensor: its own where the backend shows them, else a copy of what is read back. They may be changed until it is gone. */
export async function numbersOf(tensor: tf.Tensor): Promise<Float32Array> {
  return inPlace()?.ownNumbers(tensor) ?? ((await tensor.data()) as Float32Array).slice();
}
