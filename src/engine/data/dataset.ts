/**
 * Data as the engine sees it: samples that can be read in batches as raw numbers, with labels or targets where there are any.
 * Scaling is the model's secret and is applied when a batch is made, never stored.
 */
import type { Shape } from '../model/model.ts';

export type Preprocessing = 'raw' | 'unit' | 'symmetric' | 'standardize';

export interface Dataset {
  readonly name: string;
  readonly kind: 'images' | 'table' | 'tensors';
  readonly size: number;
  /** [height, width, channels] of pictures, [features] of tables; null where pictures differ in size. */
  readonly sampleShape: readonly number[] | null;
  /** Class of each sample; absent where there is none. */
  readonly labels?: Int32Array;
  readonly classNames?: readonly string[];
  /** What the features of a table are called, in order. */
  readonly featureNames?: readonly string[];
  /** Row-major [size, outputs] values for regression; beside `labels` where whole numbers could be either (`taskOf` decides). */
  readonly targets?: Float32Array;
  /** Per channel (pictures) or per feature (tables), in raw units; computed on first use for `standardize`. */
  statistics(): Promise<{ readonly mean: Float32Array; readonly deviation: Float32Array }>;
  /**
   * Raw values (pictures 0–255) of samples `start … start + count − 1`, row-major [count, ...shape]. Pictures are resized
   * (half-pixel bilinear, as TF does) and their channels adapted (grey ↔ RGB) to `shape`. Throws DATA_SHAPE with both shapes where they can't fit.
   */
  batch(start: number, count: number, shape: readonly number[]): Promise<Float32Array>;
}

/** The concrete sample shape a model's input asks for, unknown sizes taken from the data. */
export function inputShape(shape: Shape, sample: readonly number[] | null): number[] {
  return shape.map((size, axis) => size ?? sample?.[axis] ?? 1);
}
