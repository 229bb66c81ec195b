/** A square of points: the original's in grey below, the result's in the accent above, and a line where nothing is wrong. */
import { decimal } from '../i18n/numbers.ts';

export interface PairPoint {
  readonly x: number;
  readonly y: number;
}

interface Props {
  readonly before: readonly PairPoint[];
  readonly after: readonly PairPoint[];
  /** `equal`: y = x; `zero`: y = 0. */
  readonly line: 'equal' | 'zero';
  readonly across: string;
  readonly up: string;
  readonly label: string;
}

const size = 168;
const edge = 40;

export function ScatterPair({ before, after, line, across, up, label }: Props) {
  const all = [...before, ...after];
  const xs = spanOf(all.map(({ x }) => x));
  const ys = line === 'equal' ? spanOf(all.flatMap(({ x, y }) => [x, y])) : spanOf(all.map(({ y }) => y).concat(0));
  const span = line === 'equal' ? ys : xs;
  const px = (value: number) => edge + ((value - span[0]) / (span[1] - span[0])) * size;
  const py = (value: number) => 4 + size - ((value - ys[0]) / (ys[1] - ys[0])) * size;
  const from = line === 'equal' ? span[0] : 0;
  const to = line === 'equal' ? span[1] : 0;
  return (
    <svg viewBox={`0 0 ${size + edge + 4} ${size + 38}`} role="img" aria-label={label}>
      <rect className="frame" x={edge} y={4} width={size} height={size} />
      <line className="chance" x1={edge} y1={py(from)} x2={edge + size} y2={py(to)} />
      <path className="original" d={dots(before, px, py)} />
      <path className="compressed" d={dots(after, px, py)} />
      {[ys[0], ys[1]].map((value, end) => (
        <text key={value} x={edge - 4} y={end === 0 ? size + 4 : 12} textAnchor="end">
          {decimal(value)}
        </text>
      ))}
      {[span[0], span[1]].map((value, end) => (
        <text key={value} x={end === 0 ? edge : edge + size} y={size + 18} textAnchor={end === 0 ? 'start' : 'end'}>
          {decimal(value)}
        </text>
      ))}
      <text x={edge + size / 2} y={size + 33} textAnchor="middle">
        {across}
      </text>
      <text transform={`translate(10 ${size / 2}) rotate(-90)`} textAnchor="middle">
        {up}
      </text>
    </svg>
  );
}

/** Least and greatest, never equal. */
function spanOf(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return high > low ? [low, high] : [low - 1, high + 1];
}

/** All points of one model as one path of round strokes. */
const dots = (points: readonly PairPoint[], px: (x: number) => number, py: (y: number) => number): string =>
  points.map(({ x, y }) => `M${px(x).toFixed(1)} ${py(y).toFixed(1)}h0`).join('');
