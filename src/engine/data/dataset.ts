/**
 * Data as the engine sees it: samples that can be read in batches as raw numbers, with labels or targets where there are any.
 * Scaling is the model's secret and is applied when a batch is made, never stored.
 */
import type { Note } from '../model/model.ts';

/** How raw values are scaled on their way to the model; the formulas stand in `preprocess.ts`. */
export const preprocessings = ['raw', 'unit', 'symmetric', 'standardize', 'torch', 'caffe'] as const;
export type Preprocessing = (typeof preprocessings)[number];

/**
 * How a picture of another aspect is made to fit: `squash` resizes it as it is, `crop` first cuts out the largest centred window of
 * the wanted aspect, as Keras' `crop_to_aspect_ratio` does.
 */
export const fits = ['squash', 'crop'] as const;
export type Fit = (typeof fits)[number];

/** Which colour comes first in what the model is fed. Raw values are always RGB. */
export const channelOrders = ['rgb', 'bgr'] as const;
export type ChannelOrder = (typeof channelOrders)[number];

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
  /** How `batch` fits pictures where it is not told; absent: squashed. */
  readonly fit?: Fit;
  /** The order in which colours are fed to the model; absent: RGB. `createPreprocess` sees to it. */
  readonly channels?: ChannelOrder;
  /** What whoever reports on this data has to say about it. */
  readonly notes?: readonly Note[];
  /** Row-major [size, outputs] values for regression; beside `labels` where whole numbers could be either (`taskOf` decides). */
  readonly targets?: Float32Array;
  /** Per channel (pictures) or per feature (tables), in raw units; computed on first use for `standardize`. */
  statistics(): Promise<{ readonly mean: Float32Array; readonly deviation: Float32Array }>;
  /**
   * Raw values (pictures 0–255) of samples `start … start + count − 1`, row-major [count, ...shape]. Pictures are resized
   * (half-pixel bilinear, as TF does) and their channels adapted (grey ↔ RGB) to `shape`. Throws DATA_SHAPE with both shapes where they can't fit.
   */
  batch(start: number, count: number, shape: readonly number[], fit?: Fit): Promise<Float32Array>;
}
