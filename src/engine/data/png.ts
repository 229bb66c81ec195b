/**
 * PNG (ISO 15948) by fast-png. Only the chunks that make the pixels are handed to it, and its pixel stream is first run through without
 * keeping it where it could expand too far. Palettes become RGB, 1–4-bit grey is stretched to 0–255, of 16 bits the upper 8 are
 * kept and alpha is dropped, all as TensorFlow's decoder (libpng) does.
 */
import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png';
import { Unzlib } from 'fflate';
import { joinedBytes } from '../math/joined.ts';
import type { PictureSize } from './picture-file.ts';
import { adaptChannels, type Raster } from './resize.ts';

const channelsOfColour: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const kept = ['IHDR', 'PLTE', 'IDAT', 'IEND'];
/** Pixel streams that can't expand beyond this are decoded without a first run, bytes. */
const harmlessBytes = 2 ** 26;

interface Header extends PictureSize {
  readonly depth: number;
  readonly colour: number;
  /** Stored channels, palette indices counting as one. */
  readonly stored: number;
}

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(12) !== 0x49484452) throw new Error('its header is cut off');
  const colour = view.getUint8(25);
  const stored = channelsOfColour[colour];
  if (stored === undefined) throw new Error(`its colour type ${colour} does not exist`);
  const depth = view.getUint8(24);
  const depths = colour === 0 ? [1, 2, 4, 8, 16] : colour === 3 ? [1, 2, 4, 8] : [8, 16];
  if (!depths.includes(depth)) throw new Error(`its colour type ${colour} can not have ${depth} bits`);
  // fast-png takes every interlaced sample for whole bytes.
  if (bytes[28] === 1 && depth < 8) throw new Error(`it is interlaced with ${depth} bits per channel`);
  const channels = colour === 0 || colour === 4 ? 1 : 3;
  return { width: view.getUint32(16), height: view.getUint32(20), depth, colour, stored, channels };
}

/** Size and channels, alpha left out. */
export function pngSize(bytes: Uint8Array): PictureSize {
  const { width, height, channels } = readHeader(bytes);
  return { width, height, channels };
}

/** The pixels of a PNG, [height, width, 1 or 3]. Throws Errors for damage. */
export function decodePng(bytes: Uint8Array<ArrayBuffer>): Raster {
  const header = readHeader(bytes);
  const chunks = pixelChunks(bytes);
  checkExpansion(chunks.filter(isData), header);
  const decoded = decode(joinedBytes([bytes.subarray(0, 8), ...chunks]), { checkCrc: true });
  const values = eightBits(decoded, header);
  const { width, height, stored, colour } = header;
  const raster = { width, height, channels: colour === 3 ? 3 : stored, values };
  if (values.length !== width * height * raster.channels) throw new Error('its pixels are incomplete');
  return adaptChannels(raster, header.channels);
}

function typeOf(chunk: Uint8Array): string {
  return String.fromCharCode(...chunk.subarray(4, 8));
}

function isData(chunk: Uint8Array): boolean {
  return typeOf(chunk) === 'IDAT';
}

/** The chunks that make the pixels, whole with length and checksum. */
function pixelChunks(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) break;
    const chunk = bytes.subarray(at, end);
    if (kept.includes(typeOf(chunk))) chunks.push(chunk);
    if (typeOf(chunk) === 'IEND') return chunks;
    at = end;
  }
  throw new Error('it is cut off');
}

function checkExpansion(data: readonly Uint8Array[], { width, height, stored, depth }: Header): void {
  const packed = data.reduce((sum, chunk) => sum + chunk.length - 12, 0);
  if (packed * 1032 <= harmlessBytes) return;
  // Adam7 splits each row into up to 15 passes with a filter byte each; two bytes more per row and pass cover the padding.
  const most = (Math.ceil((width * stored * depth) / 8) + 32) * height + 64;
  let size = 0;
  const stream = new Unzlib((part) => {
    size += part.length;
    if (size > most) throw new Error(`its pixel data expands beyond the ${most} bytes that its size allows`);
  });
  for (const chunk of data) {
    for (let at = 8; at < chunk.length - 4; at += 16384) stream.push(chunk.subarray(at, Math.min(at + 16384, chunk.length - 4)));
  }
}

function eightBits(decoded: DecodedPng, { colour, depth, width, height }: Header): ArrayLike<number> {
  if (colour === 3) return convertIndexedToRgb(decoded);
  const { data } = decoded;
  if (depth === 8) return data;
  if (depth === 16) return Uint8Array.from(data, (value) => value >> 8);
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  const highest = 2 ** depth - 1;
  const values = new Uint8Array(width * height);
  for (let index = 0; index < values.length; index++) {
    const column = index % width;
    const byte = data[Math.floor(index / width) * rowBytes + Math.floor(column / perByte)] ?? 0;
    values[index] = ((byte >> (8 - depth - (column % perByte) * depth)) & highest) * (255 / highest);
  }
  return values;
}
