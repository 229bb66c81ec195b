import { expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import { multiply, quantizeMultiplier } from './fixed-point.ts';

/** gemmlowp's definitions in whole numbers of any length. */
function bySpecification(x: bigint, mantissa: bigint, shift: bigint): bigint {
  const left = shift > 0n ? x << shift : x;
  const product = left * mantissa;
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  // Division of whole numbers drops the rest towards zero, as in C++.
  const high = (product + nudge) / (1n << 31n);
  if (shift >= 0n) return high;
  const exponent = -shift;
  const mask = (1n << exponent) - 1n;
  const threshold = (mask >> 1n) + (high < 0n ? 1n : 0n);
  return (high >> exponent) + ((high & mask) > threshold ? 1n : 0n);
}

it('takes a factor apart as TFLite does', () => {
  expect(quantizeMultiplier(1)).toEqual({ mantissa: 2 ** 30, shift: 1 });
  expect(quantizeMultiplier(0.25)).toEqual({ mantissa: 2 ** 30, shift: -1 });
  expect(quantizeMultiplier(0)).toEqual({ mantissa: 0, shift: 0 });
  expect(quantizeMultiplier(2 ** -40)).toEqual({ mantissa: 0, shift: 0 });
  expect(quantizeMultiplier(1 - 2 ** -40)).toEqual({ mantissa: 2 ** 30, shift: 1 });
  const { mantissa, shift } = quantizeMultiplier(0.007247427341846);
  expect([mantissa, shift]).toEqual([Math.round(0.007247427341846 * 2 ** 38), -7]);
});

it('multiplies exactly as the definition in whole numbers of any length', () => {
  const rng = createRng(5);
  for (let i = 0; i < 1500; i++) {
    const multiplier = quantizeMultiplier(2 ** (24 * (rng.next() - 0.9)) * (0.5 + rng.next()));
    const room = 31 - Math.max(multiplier.shift, 0);
    const x = Math.round((rng.next() * 2 - 1) * 2 ** (room * rng.next()));
    const expected = bySpecification(BigInt(x), BigInt(multiplier.mantissa), BigInt(multiplier.shift));
    expect(multiply(x, multiplier) + 0).toBe(Number(expected));
  }
  for (const x of [-(2 ** 31), 2 ** 31 - 1, -1, 0, 1]) {
    for (const mantissa of [2 ** 30, 2 ** 31 - 1]) {
      const expected = Number(bySpecification(BigInt(x), BigInt(mantissa), -3n));
      expect(multiply(x, { mantissa, shift: -3 }) + 0).toBe(expected);
    }
  }
});
