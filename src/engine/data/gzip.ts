/** Gzip (RFC 1952) through the platform's DecompressionStream, stopped as soon as it expands beyond what real data does. */

import { maximumEntryBytes, suspiciousBytes, suspiciousRatio } from '../zip.ts';
import { dataError, reasonOf } from './data-error.ts';

/** True for bytes that begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The bytes inside a gzip file. Throws DATA_GZIP where it is damaged, DATA_BOMB where it expands too far. */
export async function gunzip(packed: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const limit = Math.min(maximumEntryBytes, Math.max(suspiciousBytes, suspiciousRatio * packed.length));
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length;
      if (size > limit) break;
      chunks.push(part.value);
    }
  } catch (cause) {
    throw dataError(
      'DATA_GZIP',
      `The gzip file "${name}" is damaged.`,
      `It can not be unpacked: ${reasonOf(cause)}.`,
      'Download or compress it again.',
      { file: name },
      cause,
    );
  }
  if (size > limit) {
    await reader.cancel();
    throw dataError(
      'DATA_BOMB',
      `The gzip file "${name}" would unpack to more than is safe.`,
      `${packed.length} bytes had already become more than ${limit}.`,
      'Unpack it yourself and drop what is inside.',
      { file: name, limit },
    );
  }
  return concatenate(chunks, size);
}

function concatenate(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
