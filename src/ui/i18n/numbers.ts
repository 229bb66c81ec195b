/**
 * Numbers as a person reads them: three significant digits, always a unit, kB as 1,000 bytes, through Intl. Counts that
 * are compared sample by sample stay exact.
 */
import type { Measured } from '../../engine/report.ts';
import { numberFormat } from './language.ts';
import { t } from './translate.ts';

const significant = numberFormat({ maximumSignificantDigits: 3 });
const fixed = numberFormat({ minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const whole = numberFormat({ maximumFractionDigits: 0 });
/** Between the number and its unit: they never part at a line's end. */
const gap = '\u00a0';

/** A quantity and its unit, apart, so that they can be set in different sizes. */
export interface Reading {
  readonly number: string;
  readonly unit: string;
}

function scaled(value: number, base: number, units: readonly string[]): Reading {
  let rest = Math.abs(value);
  let step = 0;
  // 999.5 would be rounded to 1,000 of the smaller unit.
  while (rest >= base * 0.9995 && step < units.length - 1) {
    rest /= base;
    step++;
  }
  const sign = value < 0 ? '−' : '';
  const number = step === 0 ? whole.format(rest) : fixed.format(rest);
  return { number: sign + number, unit: units[step] ?? '' };
}

const join = ({ number, unit }: Reading): string => (unit === '' ? number : number + gap + unit);

/** `96.3 kB`, in parts. */
export const bytesReading = (bytes: number): Reading => scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB']);

/** `96.3 kB`; a kilobyte is 1,000 bytes. */
export const bytes = (value: number): string => join(bytesReading(value));

/** `100 kB`, `1 MB`: a round number of bytes, as it stands at an axis. */
export function roundBytes(value: number): string {
  const { number, unit } = bytesReading(value);
  return join({ number: number.replace(/\.0+$/, ''), unit });
}

/** `431 k`, `2.29 M`. */
export const large = (value: number): string => join(scaled(value, 1000, ['', 'k', 'M', 'G', 'T']));

/** `9,893`. */
export const count = (value: number): string => whole.format(value);

/** `98.9 %` of a share 0–1. */
export const percent = (share: number): string => `${fixedPercent(share) + gap}%`;

/** `99.0 %` of a share 0–1, with so many decimals: ticks of one axis are alike. */
export const percentTo = (share: number, decimals: number): string =>
  `${numberFormat({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(share * 100) + gap}%`;

function fixedPercent(share: number): string {
  const value = share * 100;
  if (Math.abs(value) >= 99.95) return significant.format(Number(value.toFixed(1)));
  return Math.abs(value) < 0.0005 ? '0' : fixed.format(value);
}

/** `14x`, `1.23x`. */
export const times = (ratio: number): string => `${significant.format(ratio)}x`;

/** `0.412 ms`, `1.20 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000)
    return milliseconds < 10 ? `${fixed.format(milliseconds) + gap}ms` : `${whole.format(milliseconds) + gap}ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${significant.format(seconds) + gap}s`;
  return `${Math.floor(seconds / 60)}${gap}min ${Math.round(seconds % 60)}${gap}s`;
}

/** A plain number to three significant digits, with a true minus sign. */
export const decimal = (value: number): string => significant.format(value).replace('-', '−');

const four = numberFormat({ maximumSignificantDigits: 4 });

/** A value inside a formula: four significant digits, a true minus sign. */
export const signed = (value: number): string => four.format(value).replace('-', '−');

/** A setting of a slider, with as many decimals as its step has. */
export function setting(value: number, step: number): string {
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return numberFormat({ minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value);
}

/** `28×28×1`; unknown sizes are `?`. */
export const shape = (sizes: readonly (number | null)[]): string =>
  sizes.length === 0 ? '1' : sizes.map((size) => size ?? '?').join('×');

const shareUnits: ReadonlySet<string> = new Set(['ratio', 'share', 'fraction']);
const byteUnits: ReadonlySet<string> = new Set(['B', 'bytes', 'byte']);
const countUnits: ReadonlySet<string> = new Set(['MAC', 'MACs', 'parameters', 'weights', 'count']);

/** A value of a figure's unit, in parts. */
export function reading(value: number, unit: string): Reading {
  if (byteUnits.has(unit)) return bytesReading(value);
  if (shareUnits.has(unit)) return { number: fixedPercent(value), unit: '%' };
  if (unit === '%') return { number: fixedPercent(value / 100), unit: '%' };
  if (countUnits.has(unit) || (unit === '' && Number.isInteger(value))) return scaled(value, 1000, ['', 'k', 'M', 'G', 'T']);
  return { number: (value === 0 ? '0' : fixed.format(value)).replace('-', '−'), unit };
}

/** `98.9 %`, `0.412 ms`, `96.3 kB`: the value of a figure. */
export const figure = (measured: Measured): string => join(reading(measured.value, measured.unit));

/** `98.7–99.1 %`: the 95 % interval of a figure, or an empty text where it has none. */
export function interval(measured: Measured): string {
  if (measured.interval === undefined) return '';
  const [low, high] = measured.interval.map((value) => reading(value, measured.unit)) as [Reading, Reading];
  return low.unit === high.unit
    ? join({ number: `${low.number}–${high.number}`, unit: high.unit })
    : `${join(low)} – ${join(high)}`;
}

/** `+0.12 points`, `−0.031 ms`: a signed difference; a share's difference is told in points. */
export function difference(measured: Measured): string {
  const share = shareUnits.has(measured.unit) || measured.unit === '%' || measured.unit === 'points';
  const value = shareUnits.has(measured.unit) ? measured.value * 100 : measured.value;
  const sign = value < 0 ? '−' : '+';
  if (share) return `${sign}${significant.format(Math.abs(value))}${gap}${t('unit.points')}`;
  return sign + join(reading(Math.abs(value), measured.unit));
}

/** The 95 % interval of a difference: `−0.12 pt – +0.34 pt`. */
export const differenceInterval = ({ interval = [0, 0], unit, how }: Measured): string =>
  interval.map((value) => difference({ value, unit, how })).join(' – ');
