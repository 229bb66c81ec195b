/**
 * Pictures that stay where they are: a file, an entry of an archive. Opening reads their headers; a batch reads, decodes and fits the
 * pictures it needs, one after the other. What is decoded is kept, at the size the model takes, in a cache with a cap of
 * bytes, so that 50,000 pictures never sit decoded in memory. Whole-numbered samples are kept as bytes, resized ones as float32.
 */
import { breathe } from '../context.ts';
import { type ByteCache, createByteCache } from './byte-cache.ts';
import type { Fit } from './dataset.ts';
import { decodePicture, type PictureSize, pictureSize } from './picture-file.ts';
import type { Part } from './reader.ts';
import { adaptChannels, fitInto, type Raster } from './resize.ts';

export interface Picture {
  readonly part: Part;
  readonly size: PictureSize;
}

type Sample = Uint8Array | Float32Array;

/** How much of the fitted samples of one data set is kept, bytes: all of MNIST, 1,300 pictures of 224 × 224. */
export const decodedBytes = 192 * 2 ** 20;
/** Enough for the header of nearly every picture; where it is not, the whole file is read. */
const headBytes = 2 ** 15;

/** Reads a picture's size, from its first bytes where that is enough. Throws DATA_PICTURE naming the file. */
export async function openPicture(part: Part): Promise<Picture> {
  if (part.slice !== undefined && part.size > headBytes) {
    const head = await part.slice(0, headBytes);
    try {
      return { part, size: pictureSize(head, part.path, part.size) };
    } catch {
      // Its header may be longer; if it is damaged, reading all of it says so.
    }
  }
  return { part, size: pictureSize(await part.bytes(), part.path) };
}

export interface PictureSource {
  /** The pixels of picture `index` as they are stored, not kept. */
  decode(index: number): Promise<Raster>;
  /** Writes picture `index`, fitted to height × width × channels, at `offset` of `target`. */
  sample(index: number, shape: readonly [number, number, number], fit: Fit, target: Float32Array, offset: number): Promise<void>;
}

/** Reads samples of some pictures through a cache of decoded ones. */
export function createPictureSource(
  pictures: readonly Picture[],
  cache: ByteCache<Sample> = createByteCache<Sample>(decodedBytes),
): PictureSource {
  async function decode(index: number): Promise<Raster> {
    const picture = pictures[index];
    if (picture === undefined) throw new RangeError(`There is no picture ${index}.`);
    await breathe();
    return decodePicture(await picture.part.bytes(), picture.part.path);
  }
  return {
    decode,
    async sample(index, shape, fit, target, offset) {
      const [height, width, channels] = shape;
      const key = `${index} ${shape.join()} ${fit}`;
      const kept = cache.get(key);
      if (kept !== undefined) return target.set(kept, offset);
      const raster = adaptChannels(await decode(index), channels);
      fitInto(raster, height, width, fit, target, offset);
      cache.set(key, compact(target.subarray(offset, offset + height * width * channels)));
    },
  };
}

/** A copy as bytes where every value is one. */
function compact(values: Float32Array): Sample {
  const bytes = Uint8Array.from(values);
  return bytes.every((byte, index) => byte === values[index]) ? bytes : values.slice();
}
