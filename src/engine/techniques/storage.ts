/**
 * When a smaller representation pays. A coded tensor costs its packed codes, its scales or palette, and about 60 bytes of JSON in
 * the manifest (`"quantization":{"dtype":…,"min":…,"scale":…}`); a tensor where that is no less than what it costs now stays as it is.
 */
import { type Encoding, payloadBits } from '../model/encoding.ts';

/** What a tensor costs to store: kind, and packed bits in all. */
export interface Cost {
  readonly kind: Encoding['kind'];
  readonly payloadBits: number;
}

const manifestBytes = 60;

function bytesOf({ kind, payloadBits }: Cost): number {
  return Math.ceil(payloadBits / 8) + (kind === 'float32' ? 0 : manifestBytes);
}

/** The cost of a tensor as it is stored. */
export function costOf(encoding: Encoding, elements: number): Cost {
  return { kind: encoding.kind, payloadBits: payloadBits(encoding, elements) };
}

/** Why a new representation would not make the file smaller; undefined where it does. */
export function notSmaller(now: Cost, next: Cost): string | undefined {
  const before = bytesOf(now);
  const after = bytesOf(next);
  if (after < before) return undefined;
  return `It stays as it is (${now.kind}), ${before} bytes: stored so, with its entry in the manifest, it would take ${after} bytes.`;
}
