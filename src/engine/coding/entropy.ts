/**
 * Order-0 entropy, H = −Σ p·log2 p: the bits per symbol below which no code without a model of the order of symbols can go.
 * Floats are counted in full, but for the place of their zeros: h(z) + (1 − z) · bits, z the share of zeros.
 */
import type { Encoding } from '../model/encoding.ts';
import { payloadBits } from '../model/encoding.ts';

/** Entropy of a distribution given as counts, bits per symbol. */
export function entropyOfCounts(counts: ArrayLike<number>): number {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    if (count <= 0) continue;
    total += count;
    sum += count * Math.log2(count);
  }
  return total === 0 ? 0 : Math.max(0, Math.log2(total) - sum / total);
}

/** Entropy of codes below 2^bits, bits per code. */
export function codeEntropy(codes: Uint8Array | Uint16Array, bits: number): number {
  const counts = new Float64Array(2 ** bits);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  return entropyOfCounts(counts);
}

/** Bits per element of sparse floats: where the zeros are, and the others in full. */
export function sparseFloatEntropy(zeroShare: number, bits: number): number {
  return entropyOfCounts([zeroShare, 1 - zeroShare]) + (1 - zeroShare) * bits;
}

/** Bits that an ideal order-0 code takes for a stored tensor, scales and centroids included as they are. */
export function entropyBits(encoding: Encoding, values: Float32Array): number {
  const elements = values.length;
  if ('codes' in encoding) {
    const overhead = payloadBits(encoding, 0);
    return codeEntropy(encoding.codes, encoding.bits) * elements + overhead;
  }
  let zeros = 0;
  for (let i = 0; i < elements; i++) if (values[i] === 0) zeros++;
  return elements === 0 ? 0 : sparseFloatEntropy(zeros / elements, encoding.kind === 'float16' ? 16 : 32) * elements;
}
