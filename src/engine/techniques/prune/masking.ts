/**
 * Setting weights to zero for good: the values become zero, the mask remembers it, and a tensor that carries codes keeps them, its
 * pruned codes set to the level that is zero.
 */
import { type AffineEncoding, type CodebookEncoding, codebookGroup, type Encoding, scaleIndexOf } from '../../model/encoding.ts';
import type { Weight } from '../../model/model.ts';
import { channelsOf } from '../quantize/channels.ts';

/** The tensor with a zero wherever the mask is 0; undefined where its codes have no level for zero. */
export function masked(weight: Weight, mask: Uint8Array): Weight | undefined {
  const encoding = zeroed(weight.encoding, weight.shape, mask);
  if (encoding === undefined) return undefined;
  return { ...weight, encoding, mask, values: weight.values.map((value, i) => (mask[i] === 0 ? 0 : value)) };
}

function zeroed(encoding: Encoding, shape: readonly number[], mask: Uint8Array): Encoding | undefined {
  switch (encoding.kind) {
    case 'float32':
    case 'float16':
      return encoding;
    case 'affine':
      return recoded(encoding, mask, affineZeros(encoding), scaleIndexOf(encoding, shape));
    case 'codebook':
      return recoded(encoding, mask, paletteZeros(encoding), paletteIndexOf(encoding, shape));
  }
}

/** The code of zero for each channel, −1 where there is none. */
function affineZeros({ scale, min, bits }: AffineEncoding): number[] {
  return Array.from(scale, (step, channel) => {
    const low = min[channel] as number;
    const code = Math.round(-low / step);
    return code >= 0 && code < 2 ** bits && code * step + low === 0 ? code : -1;
  });
}

function paletteZeros({ centroids, groups, bits }: CodebookEncoding): number[] {
  return Array.from({ length: groups }, (_, group) => centroids.subarray(group << bits, (group + 1) << bits).indexOf(0));
}

/** The palette of a weight, by the weight's place in row-major order. */
function paletteIndexOf({ axis, groups }: CodebookEncoding, shape: readonly number[]): (at: number) => number {
  if (axis === null) return () => 0;
  const { stride, count } = channelsOf(shape, axis);
  return (at) => codebookGroup(Math.floor(at / stride) % count, count, groups);
}

function recoded<E extends AffineEncoding | CodebookEncoding>(
  encoding: E,
  mask: Uint8Array,
  zeros: readonly number[],
  indexOf: (at: number) => number,
): E | undefined {
  if (zeros.includes(-1)) return undefined;
  const codes = encoding.codes.slice();
  for (let at = 0; at < codes.length; at++) if (mask[at] === 0) codes[at] = zeros[indexOf(at)] as number;
  return { ...encoding, codes };
}
