/** The contract between the runtime and whoever needs outputs: typed arrays in, typed arrays out, tensors stay inside. */
import type { Model } from '../model/model.ts';

export interface Predictor {
  readonly backend: string;
  /**
   * Runs one batch. `inputs[i]` is row-major [count, ...inputShapes[i]]; returns one row-major array per model output.
   * Throws RUNTIME_DEVICE_LOST where the device went away.
   */
  predict(inputs: readonly Float32Array[], count: number): Promise<Float32Array[]>;
  /** The index of the output that answers, where a model also gives intermediate values; the first where absent. */
  readonly answer?: number;
  /** Concrete input shapes without batch. */
  readonly inputShapes: readonly (readonly number[])[];
  /** By input: how many rows of a table its whole numbers choose from; null where it is real numbers. None where absent. */
  readonly rowCounts?: readonly (number | null)[];
  /** Highest number of bytes held in tensors during the last `predict`, weights included. */
  readonly peakBytes: number;
  /** Frees every tensor. */
  dispose(): void;
}

export type CreatePredictor = (
  model: Model,
  options?: { readonly inputShapes?: readonly (readonly number[])[] },
) => Promise<Predictor>;
