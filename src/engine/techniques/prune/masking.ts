/**
 * Setting weights to zero for good: the values become zero, the mask remembers it, and a tensor that carries codes keeps them, its
 * pruned codes set to the level that is zero.
 */
import type { AffineEncoding, CodebookEncoding, Encoding } from '../../model/encoding.ts';
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
      return recoded(encoding, shape, mask, affineZeros(encoding), encoding.scale.length);
    case 'codebook':
      return recoded(encoding, shape, mask, paletteZeros(encoding), encoding.axis === null ? 1 : (shape[encoding.axis] ?? 1));
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

function recoded<E extends AffineEncoding | CodebookEncoding>(
  encoding: E,
  shape: readonly number[],
  mask: Uint8Array,
  zeros: readonly number[],
  channelCount: number,
): E | undefined {
  if (zeros.includes(-1)) return undefined;
  const { stride } = channelsOf(shape, encoding.axis);
  const run = Math.ceil(channelCount / zeros.length);
  const codes = encoding.codes.slice();
  for (let i = 0; i < codes.length; i++) {
    if (mask[i] === 0) codes[i] = zeros[Math.floor((Math.floor(i / stride) % channelCount) / run)] as number;
  }
  return { ...encoding, codes };
}
