/**
 * Small pictures of what a model is fed: resized and with the channels it sees, scaled back to 0–255. Values that are no pixels
 * (tables and tensors that enter as pictures) are stretched from their own least and greatest.
 */
import type { Dataset } from './dataset.ts';
import { pictureShape } from './fit.ts';
import { samplesAt, spreadIndices } from './guess.ts';
import { adaptChannels } from './resize.ts';

/** RGBA pixels and the words below them. */
export interface SampleThumbnail {
  /** [height, width, 4], 0–255. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  /** Class name, class number or target value; empty where there is none. */
  readonly label: string;
}

/** Up to `count` thumbnails spread over the data; none where the model's input is no picture. Throws DATA_SHAPE where it does not fit. */
export function thumbnails(dataset: Dataset, count: number, shape: readonly number[]): Promise<SampleThumbnail[]> {
  return thumbnailsAt(dataset, spreadIndices(dataset.size, count), shape);
}

/** Thumbnails of chosen samples, in their order; none where the model's input is no picture. Throws DATA_SHAPE where it does not fit. */
export async function thumbnailsAt(
  dataset: Dataset,
  indices: readonly number[],
  shape: readonly number[],
): Promise<SampleThumbnail[]> {
  const picture = pictureShape(shape);
  if (!picture) return [];
  const [height, width, channels] = picture;
  const values = await samplesAt(dataset, indices, shape);
  const elements = height * width * channels;
  return indices.map((index, row) => {
    const raw = values.subarray(row * elements, (row + 1) * elements);
    const shown = adaptChannels({ width, height, channels, values: dataset.kind === 'images' ? raw : stretched(raw) }, 4);
    return { pixels: Uint8ClampedArray.from(shown.values), width, height, label: labelOf(dataset, index) };
  });
}

function stretched(values: Float32Array): Float32Array {
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const range = values.reduce((high, value) => Math.max(high, value), -Infinity) - least;
  return values.map((value) => (range === 0 ? 0 : (255 * (value - least)) / range));
}

/** What a sample is called: its class, its target or nothing. */
export function labelOf({ labels, classNames, targets, size }: Dataset, index: number): string {
  const label = labels?.[index];
  if (label !== undefined) return classNames?.[label] ?? String(label);
  return targets?.length === size ? String(Number(targets[index]?.toPrecision(4))) : '';
}
