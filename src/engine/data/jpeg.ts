/**
 * Baseline and progressive JPEG (ITU-T T.81) by jpeg-js: 8 bits, grey or three colours. Chroma is enlarged by repetition, where libjpeg
 * smooths it, so values may differ from TensorFlow's by a few steps at edges. CMYK is refused, as its conversion is not defined.
 */
import jpeg from 'jpeg-js';
import type { PictureSize } from './picture-file.ts';
import type { Raster } from './resize.ts';

/** More scans than any encoder writes; each costs a pass over all blocks, however short it is. */
const maximumScans = 200;
/** What the decoder may hold, MB: about 16 bytes per pixel. */
const maximumMegabytes = 1100;

interface Frame extends PictureSize {
  /** False where the three channels are RGB already: Adobe marker with transform 0, or components named R, G, B. */
  readonly ycc: boolean;
}

/** Size and channels from the frame header. */
export function jpegSize(bytes: Uint8Array): PictureSize {
  const { width, height, channels } = readFrame(bytes);
  return { width, height, channels };
}

/** The pixels of a JPEG, [height, width, 1 or 3]. Throws Errors for damage. */
export function decodeJpeg(bytes: Uint8Array<ArrayBuffer>): Raster {
  const { width, height, channels, ycc } = readFrame(bytes);
  let scans = 0;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) if (bytes[at + 1] === 0xda) scans++;
  if (scans > maximumScans) throw new Error(`it has ${scans} scans`);
  const { data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    colorTransform: ycc,
    maxResolutionInMP: 68,
    maxMemoryUsageInMB: maximumMegabytes,
  });
  const values = channels === 1 ? Uint8Array.from({ length: width * height }, (_, pixel) => data[3 * pixel] ?? 0) : data;
  return { width, height, channels, values };
}

/** Walks the marker segments up to the frame header. */
function readFrame(bytes: Uint8Array): Frame {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new Error('it begins neither as PNG nor as JPEG');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let adobe: number | null = null;
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = view.getUint16(at);
    if (marker === 0xffff) {
      at++;
      continue;
    }
    if (marker < 0xff01 || marker === 0xffda) break;
    const length = view.getUint16(at + 2);
    if (marker === 0xffee && length >= 14 && at + 16 <= bytes.length) adobe = view.getUint8(at + 15);
    if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker))
      return frameAt(view, at, length, adobe);
    at += 2 + length;
  }
  throw new Error('it has no frame header');
}

function frameAt(view: DataView, at: number, length: number, adobe: number | null): Frame {
  if (view.getUint16(at) > 0xffc2) throw new Error('it is neither baseline nor progressive');
  if (length < 8 || at + 2 + length > view.byteLength) throw new Error('its frame header is cut off');
  if (view.getUint8(at + 4) !== 8) throw new Error(`it has ${view.getUint8(at + 4)} bits per channel`);
  const channels = view.getUint8(at + 9);
  if (channels === 4) throw new Error('it is CMYK; save it as RGB');
  if (channels !== 1 && channels !== 3) throw new Error(`it has ${channels} channels`);
  if (length < 8 + 3 * channels) throw new Error('its frame header is cut off');
  const names = Array.from({ length: channels }, (_, channel) => String.fromCharCode(view.getUint8(at + 10 + 3 * channel))).join(
    '',
  );
  const ycc = adobe === null ? names !== 'RGB' : adobe !== 0;
  return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), channels, ycc };
}
