/**
 * Independent values by SciPy 1.10:
 *   p-values: scipy.stats.binomtest(b, b + c, 0.5).pvalue
 *   intervals: the trinomial likelihood maximised numerically instead of in closed form (scipy.optimize.minimize_scalar over p21), and
 *   (b − c − n·d) / sqrt(n·(2·p21 + d·(1 − d))) = ±1.959964 solved by scipy.optimize.brentq
 *   log-gamma: scipy.special.gammaln
 */
import { describe, expect, it } from 'vitest';
import { logGamma, mcnemarExact, pairedAccuracy, tango } from './paired.ts';

describe('mcnemarExact', () => {
  it.each([
    [10, 3, 0.09228515625],
    [150, 86, 3.715936139571387e-5],
    [0, 7, 0.015625],
    [5000, 4700, 0.0023966033625776513],
    [12, 12, 1],
    [0, 0, 1],
  ])('b = %i, c = %i', (b, c, p) => {
    expect(mcnemarExact(b, c) / p).toBeCloseTo(1, 9);
    expect(mcnemarExact(c, b)).toBe(mcnemarExact(b, c));
  });

  it('rests on log Γ', () => {
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    expect(logGamma(10.5)).toBeCloseTo(13.9406252194, 9);
    expect(logGamma(1e6)).toBeCloseTo(12815504.5691476, 5);
  });
});

describe('tango', () => {
  it.each([
    [150, 86, 1600, 0.02136156, 0.05899803],
    [10, 3, 100, -0.0007655, 0.14986405],
    [0, 7, 50, -0.26186194, -0.05866374],
    [1, 0, 44, -0.05939323, 0.1180771],
    [12, 12, 1000, -0.01030218, 0.01030218],
    [3, 4, 100, -0.07327962, 0.05083482],
  ])('b = %i, c = %i, n = %i', (b, c, n, low, high) => {
    const interval = tango(b, c, n);
    expect(interval[0]).toBeCloseTo(low, 6);
    expect(interval[1]).toBeCloseTo(high, 6);
  });

  it('is ±z² / (n + z²) where two models never differ', () => {
    expect(tango(0, 0, 1000)[1]).toBeCloseTo(0.0038267584855551, 10);
  });
});

describe('pairedAccuracy', () => {
  it('says "none" only where the whole interval lies within half a point', () => {
    expect(pairedAccuracy(0, 0, 1000).verdict).toBe('none');
    expect(pairedAccuracy(0, 0, 1000).text).toMatch(
      /^No measurable loss: the whole interval lies within ±0.5 points \(0 points, 95 % interval −0.383/,
    );
    expect(pairedAccuracy(0, 0, 700).verdict).toBe('unresolved');
    // Ten more wrong of 10,000, none right instead: measurable, however small.
    expect(pairedAccuracy(0, 10, 10_000)).toMatchObject({ verdict: 'none', text: expect.stringMatching(/^Too small to matter/) });
  });

  it('tells better, worse and what so many samples resolve', () => {
    expect(pairedAccuracy(150, 86, 1600).verdict).toBe('better');
    const worse = pairedAccuracy(86, 150, 1600);
    expect(worse.verdict).toBe('worse');
    expect(worse.text).toBe('Worse: −4 points, 95 % interval −5.9 to −2.14, on 1,600 samples; McNemar p = 3.7e-5.');
    expect(pairedAccuracy(3, 4, 100).text).toBe(
      'Not resolved: −1 points, 95 % interval −7.33 to +5.08, on 100 samples. So many samples resolve about ±6.2 points; ±0.5 would take about 16,000.',
    );
  });

  it('never gives a NaN without samples', () => {
    expect(pairedAccuracy(0, 0, 0)).toMatchObject({ difference: { value: 0, interval: [-100, 100] }, verdict: 'unresolved' });
  });
});
