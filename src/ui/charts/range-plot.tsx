/**
 * What flows out of a layer, as calibration saw it: numbers in bins (heights are square roots of counts), the range that its grid got as a
 * ground, and in red what lies outside and is clipped.
 */
import type { ActivationRange } from '../../engine/technique.ts';
import { decimal, percent } from '../i18n/numbers.ts';
import { tOr } from '../i18n/translate.ts';
import { rangeWords } from './range-words.ts';

const width = 308;
const base = 56;
const height = 76;

export function RangePlot({ range }: { readonly range: ActivationRange }) {
  const { seen, min, max, bits, method, clipped } = range;
  const [low, high] = [Math.min(min, seen?.min ?? min), Math.max(max, seen?.max ?? max)];
  const x = (value: number) => (high > low ? ((value - low) / (high - low)) * width : width / 2);
  const how = method === 'fixed' || method === 'kept' ? rangeWords(method) : tOr(`option.range.${method}`, method);
  const words = rangeWords('words', { min: decimal(min), max: decimal(max), bits, method: how });
  const share = clipped === 0 ? rangeWords('clipped.none') : rangeWords('clipped', { share: percent(clipped) });
  return (
    <figure className="range-plot">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${range.layer}: ${words}; ${share}`}>
        <rect className="chosen" x={x(min)} width={Math.max(1, x(max) - x(min))} y={2} height={base - 2} />
        {seen && <Bars seen={seen} chosen={range} x={x} />}
        <path className="ends" d={`M${x(min).toFixed(1)} 2V${base}M${x(max).toFixed(1)} 2V${base}`} />
        <line className="axis" x1={0} x2={width} y1={base} y2={base} />
        <text x={0} y={height - 4}>
          {decimal(low)}
        </text>
        <text x={width} y={height - 4} textAnchor="end">
          {decimal(high)}
        </text>
      </svg>
      <figcaption>
        {words} · <span data-clipped={clipped > 0 || undefined}>{share}</span>
        {seen === undefined && ` · ${rangeWords('unseen')}`}
      </figcaption>
    </figure>
  );
}

interface BarsProps {
  readonly seen: NonNullable<ActivationRange['seen']>;
  readonly chosen: ActivationRange;
  readonly x: (value: number) => number;
}

function Bars({ seen, chosen, x }: BarsProps) {
  const { min, max, counts } = seen;
  const tallest = Math.sqrt(Math.max(1, ...counts));
  const size = (max - min) / counts.length;
  const bars = (inside: boolean) =>
    counts
      .map((count, bin) => {
        const [from, to] = [min + bin * size, min + (bin + 1) * size];
        const centre = (from + to) / 2;
        if (count === 0 || (centre >= chosen.min && centre <= chosen.max) !== inside) return '';
        // Never so flat that it can't be seen.
        const top = base - Math.max(1.5, (Math.sqrt(count) / tallest) * (base - 6));
        return `M${x(from).toFixed(2)} ${base}V${top.toFixed(2)}H${Math.max(x(to), x(from) + 1).toFixed(2)}V${base}Z`;
      })
      .join('');
  return (
    <>
      <path className="inside" d={bars(true)} />
      <path className="outside" d={bars(false)} />
    </>
  );
}
