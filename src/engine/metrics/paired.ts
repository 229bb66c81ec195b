/**
 * Two models on the same samples. Only the samples on which they differ carry information: b answered right only after, c only before.
 *
 * The p-value is McNemar's exact two-sided test (b ~ Binomial(b + c, ½)); the interval of the difference (b − c) / n is Tango's score
 * interval (Tango 1998, Stat. Med. 17:891), which stays honest where b and c are small or zero.
 */
import type { Measured, Paired } from '../report.ts';
import { type Interval, z95 } from './intervals.ts';

/** A loss is "not measurable" only where the whole interval lies within this many percentage points. */
export const marginPoints = 0.5;

/** A difference of times within ± this share of the original's median is none that matters. */
export const latencyMargin = 0.05;

/** McNemar's exact p-value from the counts of discordant pairs. */
export function mcnemarExact(b: number, c: number): number {
  const n = b + c;
  let at = Math.min(b, c);
  if (n === 0 || b === c) return 1;
  // The tail is summed downwards from its largest term, so that nothing is lost to underflow until it no longer matters.
  let term = Math.exp(logGamma(n + 1) - logGamma(at + 1) - logGamma(n - at + 1) - n * Math.LN2);
  let tail = 0;
  while (at >= 0 && term > tail * 1e-17) {
    tail += term;
    term *= at / (n - at + 1);
    at--;
  }
  return Math.min(1, 2 * tail);
}

/** ln Γ(x) for x > 0: Lanczos' approximation with g = 7 and nine coefficients, relative error below 1e-13. */
export function logGamma(x: number): number {
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905, -0.13857109526572012,
    9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  let sum = 0.9999999999998099;
  for (const [index, coefficient] of coefficients.entries()) sum += coefficient / (x + index);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Tango's 95 % score interval of (b − c) / n, a fraction; [−1, 1] where n is 0. */
export function tango(b: number, c: number, n: number): Interval {
  if (n === 0) return [-1, 1];
  const estimate = (b - c) / n;
  return [solve(b, c, n, -1, estimate, z95), solve(b, c, n, estimate, 1, -z95)];
}

/** Standardized distance between the counts and a true difference `delta`, at the likeliest nuisance parameter. */
function score(b: number, c: number, n: number, delta: number): number {
  const linear = -b - c + (2 * n - b + c) * delta;
  const root = Math.sqrt(Math.max(0, linear * linear + 8 * n * c * delta * (1 - delta)));
  const probability = (root - linear) / (4 * n);
  const variance = n * (2 * probability + delta * (1 - delta));
  const distance = b - c - n * delta;
  return variance > 0 ? distance / Math.sqrt(variance) : Math.sign(distance) * Infinity;
}

/** Bisection: the score falls as delta rises. */
function solve(b: number, c: number, n: number, from: number, to: number, target: number): number {
  let [low, high] = [from, to];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (score(b, c, n, middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The paired accuracy difference in percentage points: b samples right only after, c right only before, of n. */
export function pairedAccuracy(b: number, c: number, n: number): Paired {
  const [low, high] = tango(b, c, n);
  const pValue = mcnemarExact(b, c);
  const difference: Measured = {
    value: n === 0 ? 0 : (100 * (b - c)) / n,
    unit: 'points',
    interval: [100 * low, 100 * high],
    n,
    how: 'measured',
  };
  return { difference, pValue, ...judge(difference, marginPoints, 'point', pValue) };
}

/** The verdict on a difference where more is better, and the sentence behind it. `margin` is in the difference's unit. */
export function judge(
  difference: Measured,
  margin: number,
  unit: string,
  pValue?: number,
): { readonly verdict: Paired['verdict']; readonly text: string } {
  const [low, high] = difference.interval ?? [-Infinity, Infinity];
  const n = difference.n ?? 0;
  const plural = unit === '' ? '' : ` ${unit}s`;
  const range = `${signed(difference.value)}${plural}, 95 % interval ${signed(low)} to ${signed(high)}, on ${thousands(n)} samples`;
  if (low >= -margin && high <= margin) {
    const sure = low > 0 || high < 0;
    return {
      verdict: 'none',
      text: sure
        ? `Too small to matter: the whole interval lies within ±${compact(margin)}${plural} (${range}).`
        : `No measurable loss: the whole interval lies within ±${compact(margin)}${plural} (${range}).`,
    };
  }
  const test = pValue === undefined ? '' : `; McNemar p ${describeP(pValue)}`;
  if (low > 0) return { verdict: 'better', text: `Better: ${range}${test}.` };
  if (high < 0) return { verdict: 'worse', text: `Worse: ${range}${test}.` };
  const half = (high - low) / 2;
  const needed = roundUp(n * (half / margin) ** 2);
  return {
    verdict: 'unresolved',
    text: `Not resolved: ${range}. So many samples resolve about ±${compact(half)}${plural}; ±${compact(margin)} would take about ${thousands(needed)}.`,
  };
}

function compact(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function signed(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded < 0 ? `−${Math.abs(rounded)}` : rounded > 0 ? `+${rounded}` : '0';
}

function thousands(value: number): string {
  return value.toLocaleString('en-US');
}

/** Two significant digits, rounded up: a needed sample size is never understated. */
function roundUp(value: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.ceil(value / step) * step;
}

/** Beyond ten decimals a p-value says nothing more, and the smallest ones are not numbers any longer. */
function describeP(pValue: number): string {
  if (pValue < 1e-10) return '< 1e-10';
  return `= ${pValue < 0.001 ? pValue.toExponential(1) : pValue.toFixed(3)}`;
}
