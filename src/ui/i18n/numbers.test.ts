import { expect, it } from 'vitest';
import {
  bytes,
  count,
  decimal,
  difference,
  duration,
  figure,
  interval,
  large,
  percent,
  setting,
  shape,
  times,
} from './numbers.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

it('writes bytes with three significant digits and 1,000 bytes to the kilobyte', () => {
  expect([0, 12, 999, 999.6, 96_312, 1_724_320, 999_700, 2.5e9].map((value) => plain(bytes(value)))).toEqual([
    '0 B',
    '12 B',
    '999 B',
    '1.00 kB',
    '96.3 kB',
    '1.72 MB',
    '1.00 MB',
    '2.50 GB',
  ]);
});

it('keeps shares honest at both ends', () => {
  expect([1, 0.9893, 0.99962, 0.5, 0, 0.0123].map((value) => plain(percent(value)))).toEqual([
    '100 %',
    '98.9 %',
    '100 %',
    '50.0 %',
    '0 %',
    '1.23 %',
  ]);
});

it('writes counts, ratios, times and shapes', () => {
  expect(count(10_000)).toBe('10,000');
  expect(plain(large(431_080))).toBe('431 k');
  expect(large(20)).toBe('20');
  expect(times(17.93)).toBe('17.9x');
  expect(plain(duration(0.4123))).toBe('0.412 ms');
  expect(plain(duration(125_000))).toBe('2 min 5 s');
  expect(decimal(-0.00251)).toBe('−0.00251');
  expect([setting(99.99, 0.01), setting(8, 1), setting(0.5, 0.05)]).toEqual(['99.99', '8', '0.50']);
  expect(shape([null, 28, 1])).toBe('?×28×1');
});

it('writes a figure, its interval and a difference in the unit of the figure', () => {
  const accuracy = { value: 0.9893, unit: 'fraction', interval: [0.9871, 0.9911], how: 'measured' } as const;
  expect(plain(figure(accuracy))).toBe('98.9 %');
  expect(plain(interval(accuracy))).toBe('98.7–99.1 %');
  expect(plain(difference({ value: -0.0031, unit: 'fraction', how: 'measured' }))).toBe('−0.31 pt');
  expect(plain(difference({ value: 0.05, unit: 'ms', how: 'measured' }))).toBe('+0.0500 ms');
  expect(plain(difference({ value: -0.31, unit: 'points', how: 'measured' }))).toBe('−0.31 pt');
  expect(plain(figure({ value: 0.1234, unit: '', how: 'measured' }))).toBe('0.123');
  expect(plain(figure({ value: 2_293_000, unit: 'MAC', how: 'measured' }))).toBe('2.29 M');
});
