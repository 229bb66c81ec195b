/**
 * Pictures made to fit a model's input: channels first, then half-pixel bilinear resizing, in the order TensorFlow's
 * `decode_image(channels)` and `tf.image.resize` work. Equal to `tf.image.resizeBilinear(…, alignCorners = false,
 * halfPixelCenters = true)`; no antialiasing when shrinking, as TensorFlow's default.
 */
import type { Fit } from './dataset.ts';

/** Row-major [height, width, channels] values, 0–255. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly values: ArrayLike<number>;
}

/** Luma weights of ITU-R BT.601 as `tf.image.rgb_to_grayscale` rounds them; the result itself is not rounded. */
const luma = [0.2989, 0.587, 0.114] as const;

/**
 * Values with `channels` channels. Grey is replicated; RGB becomes grey by luma; an alpha channel is dropped, as TensorFlow's
 * PNG decoder does; where alpha is asked for and missing it is 255.
 */
export function adaptChannels(raster: Raster, channels: number): Raster {
  if (raster.channels === channels) return raster;
  const { width, height, values, channels: from } = raster;
  const grey = from <= 2;
  const result = new Float32Array(width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const source = pixel * from;
    const target = pixel * channels;
    const red = values[source] ?? 0;
    const green = grey ? red : (values[source + 1] ?? 0);
    const blue = grey ? red : (values[source + 2] ?? 0);
    if (channels <= 2) result[target] = grey ? red : luma[0] * red + luma[1] * green + luma[2] * blue;
    else {
      result[target] = red;
      result[target + 1] = green;
      result[target + 2] = blue;
    }
    if (channels % 2 === 0) result[target + channels - 1] = from % 2 === 0 ? (values[source + from - 1] ?? 0) : 255;
  }
  return { width, height, channels, values: result };
}

interface Tap {
  readonly low: number;
  readonly high: number;
  readonly fraction: number;
}

function taps(from: number, to: number): Tap[] {
  return Array.from({ length: to }, (_, index) => {
    const position = (from / to) * (index + 0.5) - 0.5;
    const low = Math.max(0, Math.floor(position));
    return { low, high: Math.min(from - 1, Math.ceil(position)), fraction: position - low };
  });
}

/** Writes a raster, resized to height × width, at `offset` of `target`. */
export function resizeInto(raster: Raster, height: number, width: number, target: Float32Array, offset: number): void {
  const { values, channels } = raster;
  if (raster.height === height && raster.width === width) {
    for (let index = 0; index < height * width * channels; index++) target[offset + index] = values[index] ?? 0;
    return;
  }
  const columns = taps(raster.width, width);
  let out = offset;
  for (const row of taps(raster.height, height)) {
    const upper = row.low * raster.width;
    const lower = row.high * raster.width;
    for (const column of columns) {
      for (let channel = 0; channel < channels; channel++) {
        const topLeft = values[(upper + column.low) * channels + channel] ?? 0;
        const topRight = values[(upper + column.high) * channels + channel] ?? 0;
        const bottomLeft = values[(lower + column.low) * channels + channel] ?? 0;
        const bottomRight = values[(lower + column.high) * channels + channel] ?? 0;
        const top = topLeft + (topRight - topLeft) * column.fraction;
        const bottom = bottomLeft + (bottomRight - bottomLeft) * column.fraction;
        target[out++] = top + (bottom - top) * row.fraction;
      }
    }
  }
}

/**
 * The largest centred window with the aspect of height × width: Keras' `smart_resize`, whose sizes and offsets are whole numbers
 * rounded down.
 */
export function cropToAspect(raster: Raster, height: number, width: number): Raster {
  const rows = Math.max(1, Math.min(raster.height, Math.floor((raster.width * height) / width)));
  const columns = Math.max(1, Math.min(raster.width, Math.floor((raster.height * width) / height)));
  if (rows === raster.height && columns === raster.width) return raster;
  const { channels } = raster;
  const top = Math.floor((raster.height - rows) / 2);
  const left = Math.floor((raster.width - columns) / 2);
  const values = new Float32Array(rows * columns * channels);
  for (let row = 0; row < rows; row++) {
    const from = ((top + row) * raster.width + left) * channels;
    for (let index = 0; index < columns * channels; index++) {
      values[row * columns * channels + index] = raster.values[from + index] ?? 0;
    }
  }
  return { height: rows, width: columns, channels, values };
}

/** Writes a raster, cropped where that is asked for and resized to height × width, at `offset` of `target`. */
export function fitInto(raster: Raster, height: number, width: number, fit: Fit, target: Float32Array, offset: number): void {
  resizeInto(fit === 'crop' ? cropToAspect(raster, height, width) : raster, height, width, target, offset);
}
