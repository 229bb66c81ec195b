import { describe, expect, it } from 'vitest';
import { createRng } from '../../math/rng.ts';
import { decode } from '../../model/encoding.ts';
import { masked } from '../prune/masking.ts';
import { type AffineOptions, codeAffine } from './affine-codes.ts';
import { octavThreshold, percentileOf } from './range.ts';

const plain: AffineOptions = {
  bits: 8,
  symmetric: true,
  narrow: true,
  axis: null,
  range: 'min-max',
  percentile: 99.99,
  holdsZero: false,
};

/** The test signal, the same double arithmetic in numpy: ((i·7919 mod 1009)/1009 − shift)³ · gain. */
function signal(length: number, shift: number, gain: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => (((i * 7919) % 1009) / 1009 - shift) ** 3 * gain);
}

const checksum = (codes: ArrayLike<number>): number =>
  Array.from(codes).reduce((sum, code, i) => sum + code * ((i % 251) + 1), 0);

const squared = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0);

/*
 * numpy 1.24.2, the published rule of tensorflowjs/quantization.py written out:
 *   x = ((((i*7919)%1009)/1009-shift)**3*gain).astype(float32);  lo, hi = x.min().astype(float64), x.max().astype(float64)
 *   scale = (hi-lo)/(2**b-1);  if lo <= 0 <= hi: zp = np.round((0-lo)/scale); lo = -zp*scale; hi = (2**b-1)*scale+lo
 *   codes = np.round((x.clip(lo,hi)-lo)/scale).astype(uint);  checksum = sum(codes[i] * (i%251+1))
 */
const converter = [
  { length: 2000, shift: 0.4, gain: 0.7, bits: 8, sum: 20473698, scale: 0.0007656940058165905, min: -0.04517594634317884 },
  { length: 2000, shift: 0.4, gain: 0.7, bits: 16, sum: 5230252405, scale: 2.979354108235761e-6, min: -0.04480054772554114 },
  { length: 999, shift: -0.2, gain: 3, bits: 8, sum: 9308162, scale: 0.020184966352056053, min: 0.024000000208616257 },
  { length: 999, shift: 1.3, gain: 0.01, bits: 16, sum: 5563466565, scale: 3.310798101521931e-7, min: -0.021970000118017197 },
  { length: 500, shift: 0.5, gain: 1e-6, bits: 8, sum: 7997593, scale: 9.716992352360987e-10, min: -1.2534920134545673e-7 },
  { length: 500, shift: 0, gain: 1, bits: 8, sum: 3917122, scale: 0.0038866931316899316, min: 0 },
];

describe('asymmetric per tensor', () => {
  it.each(converter)(
    'equals the TF.js converter to the byte: $bits bits, shift $shift',
    ({ length, shift, gain, bits, sum, scale, min }) => {
      const { encoding } = codeAffine(signal(length, shift, gain), [length], { ...plain, bits, symmetric: false });
      expect([checksum(encoding.codes), encoding.scale[0], encoding.min[0]]).toEqual([sum, scale, min]);
    },
  );

  it('stores a constant tensor as codes 0, scale 1', () => {
    const { encoding, values } = codeAffine(new Float32Array(5).fill(0.3), [5], { ...plain, symmetric: false });
    expect([...encoding.codes, encoding.scale[0], encoding.min[0]]).toEqual([0, 0, 0, 0, 0, 1, Math.fround(0.3)]);
    expect(values).toEqual(new Float32Array(5).fill(0.3));
  });

  it('reaches down to zero where pruned weights must stay zero', () => {
    const { values } = codeAffine(Float32Array.of(0, 5, 6, 7), [4], { ...plain, bits: 2, symmetric: false, holdsZero: true });
    expect(values[0]).toBe(0);
  });
});

/*
 * numpy 1.24.2: rows g:g+32 of w = signal(210, .4, .7).reshape(70, 3), each column by itself. Symmetric: s = float32(max|w| / 7),
 * codes = rint(w / s) + 7. Asymmetric: the converter's rule above on each run. checksum as above; sums of all scales and minima.
 */
const groupWise = [
  { bits: 4, symmetric: true, sum: 179500, scales: 0.1446936372667551, minima: -1.0128554608672857 },
  { bits: 3, symmetric: false, sum: 54296, scales: 0.18107307900208983, minima: -0.26518749738378183 },
];

describe('group-wise', () => {
  it.each(groupWise)('equals numpy on runs of 32 within a channel, the last of 6: symmetric $symmetric', (golden) => {
    const options = { ...plain, bits: golden.bits, symmetric: golden.symmetric, axis: 1, group: 32 };
    const weights = signal(210, 0.4, 0.7);
    const { encoding, values } = codeAffine(weights, [70, 3], options);
    const total = (numbers: Float64Array) => numbers.reduce((sum, value) => sum + value, 0);
    expect(checksum(encoding.codes)).toBe(golden.sum);
    expect([encoding.scale.length, encoding.min.length]).toEqual([9, 9]);
    expect(total(encoding.scale)).toBeCloseTo(golden.scales, 12);
    expect(total(encoding.min)).toBeCloseTo(golden.minima, 12);
    expect(decode(encoding, [70, 3])).toEqual(values);
    const { values: whole } = codeAffine(weights, [70, 3], { ...options, group: undefined });
    expect(squared(values, weights)).toBeLessThan(squared(whole, weights));
  });

  it('keeps pruned weights at zero and finds their codes again', () => {
    const weights = signal(210, 0.4, 0.7);
    const coded = codeAffine(weights, [70, 3], { ...plain, bits: 4, axis: 1, group: 32 });
    const mask = Uint8Array.from(weights, (_, i) => (i % 3 === 1 || i > 190 ? 0 : 1));
    const pruned = masked({ shape: [70, 3], ...coded }, mask);
    expect(pruned && 'codes' in pruned.encoding && decode(pruned.encoding, [70, 3])).toEqual(pruned?.values);
    expect(pruned?.values.filter((value) => value !== 0).length).toBeLessThan(mask.filter(Boolean).length + 1);
  });
});

describe('symmetric per channel', () => {
  // numpy: w = x.reshape(3,40,5); s = (abs(w).max(axis=(0,1))/Q).astype(float32); c = rint(w*(1/s.astype(float64))) + Q; error = sum(((c-Q)*s-w)**2)
  it.each([
    { bits: 8, sum: 9227362, first: 0.0006305442657321692, error: 1.915228162597169e-5 },
    { bits: 4, sum: 509112, first: 0.011439874768257141, error: 0.004973648166980699 },
    { bits: 2, sum: 74504, first: 0.08007912337779999, error: 0.17804104253746522 },
  ])('equals numpy at $bits bits', ({ bits, sum, first, error }) => {
    const source = signal(600, 0.45, 0.5);
    const { encoding, values } = codeAffine(source, [3, 40, 5], { ...plain, bits, axis: 2 });
    expect([checksum(encoding.codes), encoding.scale[0]]).toEqual([sum, first]);
    expect(squared(values, source)).toBeCloseTo(error, 8);
  });

  it('is the same for a channel axis that is not the last one', () => {
    const source = signal(24, 0.4, 1);
    const swapped = Float32Array.from({ length: 24 }, (_, i) => source[(i % 6) * 4 + Math.floor(i / 6)] as number);
    const last = codeAffine(source, [6, 4], { ...plain, axis: 1 });
    const first = codeAffine(swapped, [4, 6], { ...plain, axis: 0 });
    expect(first.encoding.scale).toEqual(last.encoding.scale);
    expect(first.values[7]).toBe(last.values[5]);
  });

  it('keeps zero exact, takes all-zero channels, and one bit is ±mean|w|', () => {
    const some = codeAffine(Float32Array.of(0, 0, 0, -0.3, 0, 1.27), [3, 2], { ...plain, axis: 1 });
    expect([...some.values.slice(0, 3), some.encoding.scale[0]]).toEqual([0, 0, 0, 1]);
    const binary = codeAffine(Float32Array.of(1, -2, 3, 0), [4], { ...plain, bits: 1 });
    expect([...binary.values]).toEqual([1.5, -1.5, 1.5, 1.5]);
  });

  it('uses one more negative code when it is not narrow', () => {
    const { encoding, values } = codeAffine(Float32Array.of(-8, 7, 0), [3], { ...plain, bits: 4, narrow: false });
    expect([...encoding.codes]).toEqual([0, 15, 8]);
    expect([...values]).toEqual([-8, 7, 0]);
  });
});

describe('ranges', () => {
  const source = signal(600, 0.45, 0.5);

  it('percentile equals numpy', () => {
    // np.percentile(abs(w)[:,:,0], 97.5) and np.percentile(w, [1, 99])
    const channel = source.filter((_, i) => i % 5 === 0).map(Math.abs);
    expect(percentileOf(channel.sort(), 97.5)).toBeCloseTo(0.06927264779806135, 7);
    const sorted = source.slice().sort();
    expect([percentileOf(sorted, 1), percentileOf(sorted, 99)].map((x) => x.toFixed(6))).toEqual(['-0.042621', '0.078780']);
  });

  // The published iteration from 1.0, 200 steps in numpy: g = |v|[|v|>=g].sum() / (m.sum()*(1-k) + k*n), k = 4**-b/3
  it.each([
    [2, 0.05249559088965147],
    [3, 0.06463641410650209],
    [4, 0.07178191031625511],
    [8, 0.08003068358213414],
  ])('octav at %i bits is the fixed point of the published iteration', (bits, threshold) => {
    const channel = source.filter((_, i) => i % 5 === 0).map(Math.abs);
    expect(octavThreshold(channel, bits)).toBeCloseTo(threshold, 6);
  });

  it('mse never loses to any other rule', () => {
    const rng = createRng(1);
    const heavy = Float32Array.from({ length: 1200 }, () => rng.normal() ** 3);
    for (const symmetric of [true, false]) {
      for (const bits of [2, 3, 4, 8]) {
        const error = (range: AffineOptions['range']) => {
          const { values } = codeAffine(heavy, [300, 4], { ...plain, bits, symmetric, axis: 1, range, percentile: 99 });
          return squared(values, heavy);
        };
        const least = error('mse');
        for (const rule of ['min-max', 'percentile', 'octav'] as const) expect(least).toBeLessThanOrEqual(error(rule) * 1.02);
        expect(least).toBeLessThanOrEqual(error('min-max') * (1 + 1e-6));
      }
    }
  });

  it('values are always what the codes decode to', () => {
    for (const symmetric of [true, false])
      for (const narrow of [true, false])
        for (const bits of [1, 2, 3, 5, 7, 8, 16])
          for (const axis of [null, 0, 1, 2]) {
            const { encoding, values } = codeAffine(signal(120, 0.3, 1), [4, 5, 6], { ...plain, symmetric, narrow, bits, axis });
            expect(values).toEqual(decode(encoding, [4, 5, 6]));
            expect(Math.max(...encoding.codes)).toBeLessThan(2 ** bits);
          }
  });
});

it('one symmetric bit keeps a channel of zeros at zero', () => {
  const weights = Float32Array.of(0, 1, 0, -3, 0, 2);
  const shape = [3, 2];
  const { encoding } = codeAffine(weights, shape, {
    bits: 1,
    symmetric: true,
    narrow: true,
    axis: 1,
    range: 'min-max',
    percentile: 100,
    holdsZero: false,
  });
  expect([...decode(encoding, shape)]).toEqual([0, 2, 0, -2, 0, 2]);
});
