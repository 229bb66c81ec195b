/** A picture of one's own as a model's raw input: channels adapted, then cropped or squashed as the data's pictures are (half-pixel bilinear). */
import { dataError } from './data-error.ts';
import type { Fit } from './dataset.ts';
import { pictureShape } from './fit.ts';
import { adaptChannels, fitInto } from './resize.ts';

export interface RgbaPicture {
  /** [height, width, 4], 0–255. */
  readonly pixels: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Values [...shape], 0–255. Throws DATA_SHAPE where the model's input is no picture. */
export function rasterInput({ pixels, width, height }: RgbaPicture, shape: readonly number[], fit: Fit = 'squash'): Float32Array {
  const picture = pictureShape(shape);
  if (picture === null) {
    throw dataError(
      'DATA_SHAPE',
      'This model does not take pictures.',
      `Its input is (${shape.join(', ')}).`,
      'Give it numbers instead.',
      { shape },
    );
  }
  const [rows, columns, channels] = picture;
  const values = new Float32Array(rows * columns * channels);
  const raster = adaptChannels({ width, height, channels: 4, values: Float32Array.from(pixels) }, channels);
  fitInto(raster, rows, columns, fit, values, 0);
  return values;
}
