import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { packBits, unpackBits } from './bits.ts';
import { codeEntropy, entropyBits, entropyOfCounts } from './entropy.ts';
import { gzip, gzipSize } from './gzip.ts';

describe('packBits', () => {
  it('lays codes end to end, least significant bit first', () => {
    expect([...packBits([1, 2, 3], 3)]).toEqual([0b11010001, 0b0]);
    expect([...packBits([1, 0, 1, 1, 0, 0, 0, 1, 1], 1)]).toEqual([0b10001101, 1]);
    expect([...packBits([0xabcd], 16)]).toEqual([0xcd, 0xab]);
  });

  it('comes back for every width and length', () => {
    const rng = createRng(3);
    for (let bits = 1; bits <= 16; bits++) {
      const codes = Uint16Array.from({ length: 30 + bits }, () => rng.integer(2 ** bits));
      const packed = packBits(codes, bits);
      expect(packed.length).toBe(Math.ceil((codes.length * bits) / 8));
      expect(unpackBits(packed, bits, codes.length)).toEqual(codes);
    }
  });
});

describe('entropy', () => {
  it('is that of the textbook', () => {
    expect(entropyOfCounts([1, 1, 1, 1])).toBe(2);
    expect(entropyOfCounts([8, 4, 2, 1, 1])).toBeCloseTo(1.875, 12);
    expect(entropyOfCounts([5, 0])).toBe(0);
    expect(codeEntropy(Uint8Array.of(0, 1, 1, 1), 1)).toBeCloseTo(0.8112781244591328, 12);
  });

  it('counts floats in full but for their zeros', () => {
    expect(entropyBits({ kind: 'float32' }, Float32Array.of(1, 2, 3, 4))).toBe(128);
    expect(entropyBits({ kind: 'float16' }, Float32Array.of(0, 0, 3, 4))).toBe(4 * (1 + 8));
  });
});

describe('gzip', () => {
  it('is what zlib reads, and its size is told without keeping it', async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i % 7);
    const packed = await gzip(bytes);
    expect(new Uint8Array(gunzipSync(packed))).toEqual(bytes);
    expect(await gzipSize(bytes.slice(0, 100), bytes.slice(100))).toBe(packed.length);
  });
});
