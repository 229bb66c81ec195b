/**
 * The weights manifest of TF.js and its shards: every tensor as float32, float16, or as uint8/uint16 codes with one scale and
 * one minimum (`value = code · scale + min` in double precision, kept as float32). Codes of fewer than 8 bits take a byte each;
 * compression of the file does the rest. The layout is the converter's: one group, little-endian, shards of 4 MiB.
 */
import type { OutputFile } from '../../format.ts';
import { halfBits } from '../../math/half.ts';
import { joinedBytes } from '../../math/joined.ts';
import type { Weight } from '../../model/model.ts';

const shardBytes = 4 * 1024 * 1024;

export interface ManifestEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32';
  readonly quantization?:
    | { readonly dtype: 'uint8' | 'uint16'; readonly min: number; readonly scale: number; readonly original_dtype: 'float32' }
    | { readonly dtype: 'float16'; readonly original_dtype: 'float32' };
}

/** How a weight stands in the manifest and its bytes. Encodings that one scale can't say are written as float32. */
export function manifestEntry(
  name: string,
  weight: Weight,
  precision: 'encoded' | 'float32',
): { readonly entry: ManifestEntry; readonly bytes: Uint8Array } {
  const { encoding, shape, values } = weight;
  const plain = { name, shape, dtype: 'float32' } as const;
  if (precision === 'encoded' && encoding.kind === 'float16') {
    const halves = new Uint16Array(values.length);
    for (let i = 0; i < halves.length; i++) halves[i] = halfBits(values[i] as number);
    return { entry: { ...plain, quantization: { dtype: 'float16', original_dtype: 'float32' } }, bytes: bytesOf(halves) };
  }
  if (precision === 'encoded' && encoding.kind === 'affine' && encoding.scale.length === 1) {
    const [scale = 1] = encoding.scale;
    const [min = 0] = encoding.min;
    const wide = encoding.bits > 8;
    const codes = wide ? new Uint16Array(encoding.codes) : new Uint8Array(encoding.codes);
    const quantization = { dtype: wide ? 'uint16' : 'uint8', min, scale, original_dtype: 'float32' } as const;
    return { entry: { ...plain, quantization }, bytes: bytesOf(codes) };
  }
  return { entry: plain, bytes: bytesOf(values) };
}

/** A group's bytes cut into `group1-shard{k}of{n}.bin`. */
export function shards(parts: readonly Uint8Array[], group = 1): OutputFile[] {
  const whole = joinedBytes(parts);
  const count = Math.ceil(whole.length / shardBytes);
  return Array.from({ length: count }, (_, k) => ({
    path: `group${group}-shard${k + 1}of${count}.bin`,
    bytes: whole.slice(k * shardBytes, (k + 1) * shardBytes),
  }));
}

function bytesOf(array: Float32Array | Uint8Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
