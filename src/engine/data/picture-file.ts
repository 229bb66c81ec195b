/**
 * PNG (fast-png) and JPEG (jpeg-js) to raw values: decoders in plain JavaScript, so that the page and Node see identical pixels. Sizes are
 * read and bounded before anything is decoded: 64 megapixels, and never more than the file's own bytes can hold (deflate expands
 * at most 1032-fold, a JPEG spends at least one bit per 8 × 8 block). EXIF orientation is ignored, as TensorFlow's decoders do.
 */
import { dataError, reasonOf } from './data-error.ts';
import { decodeJpeg, jpegSize } from './jpeg.ts';
import { decodePng, pngSize } from './png.ts';
import type { Raster } from './resize.ts';

/** Largest picture that is decoded, pixels. */
const maximumPixels = 2 ** 26;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
  /** Colour channels as decoded: 1 or 3, alpha left out. */
  readonly channels: number;
}

/** Size and channels from the header, of a file of `fileBytes` whose first bytes are given. Throws DATA_PICTURE naming the file. */
export function pictureSize(bytes: Uint8Array<ArrayBuffer>, path: string, fileBytes = bytes.length): PictureSize {
  return guarded(path, () => {
    const png = isPng(bytes);
    const size = png ? pngSize(bytes) : jpegSize(bytes);
    const pixels = size.width * size.height;
    if (pixels === 0) throw new Error('it has no pixels');
    if (pixels > maximumPixels)
      throw new Error(`${size.width} × ${size.height} pixels are more than the ${maximumPixels} that are read`);
    if (pixels > fileBytes * (png ? 8 * 1032 : 512)) {
      throw new Error(`${fileBytes} bytes can not hold ${size.width} × ${size.height} pixels`);
    }
    return size;
  });
}

/** The pixels of a picture, [height, width, 1 or 3], 0–255; alpha is dropped. Throws DATA_PICTURE naming the file. */
export function decodePicture(bytes: Uint8Array<ArrayBuffer>, path: string): Raster {
  pictureSize(bytes, path);
  return guarded(path, () => (isPng(bytes) ? decodePng(bytes) : decodeJpeg(bytes)));
}

function isPng(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw dataError(
      'DATA_PICTURE',
      `The picture "${path}" can not be read.`,
      `It is damaged or of an unusual kind: ${reasonOf(cause)}.`,
      'Remove it or save it again as an ordinary PNG or JPEG.',
      { file: path },
      cause,
    );
  }
}
