/**
 * The error path: layers from left to right as they run, their outputs' SQNR as a line that falls where an error comes in, and below
 * it the noise that each layer adds, so that the culprit stands out. One stop of the Tab key; arrow keys walk the layers.
 */
import { useId } from 'react';
import type { LayerError } from '../../engine/analysis/error-path.ts';
import { decimal, percent } from '../i18n/numbers.ts';
import { whyWords } from '../panels/why-words.ts';
import { useSize } from '../parts/use-size.ts';

interface Props {
  readonly layers: readonly LayerError[];
  /** Names of layers that hold weights. */
  readonly weighted: ReadonlySet<string>;
  readonly culprit: string | null;
  readonly shown: string | null;
  readonly onChoose: (layer: string) => void;
}

/** Room for the axis, and beyond its lines for the marks of the first and the last layer. */
const axis = 44;
const left = axis + 12;
const right = 16;
const top = 10;
const lineHeight = 84;
const barsTop = top + lineHeight + 14;
const barsHeight = 30;
const height = barsTop + barsHeight + 2;

/** `21.3 dB`; a layer whose output is the same has no ratio. */
export const sqnrWords = (sqnr: number | null): string => (sqnr === null ? whyWords('equal') : `${decimal(sqnr)}\u00a0dB`);

/** A share of noise; above the signal itself it is no percentage anybody can read. */
export const noiseWords = (added: number): string => (added > 9.99 ? `${decimal(added)}x` : percent(added));

export function ErrorPathChart(props: Props) {
  const { layers, culprit, shown, onChoose } = props;
  const [frame, { width }] = useSize<HTMLDivElement>();
  const id = useId();
  const at = layers.findIndex(({ layer }) => layer === shown);
  const x = scaleOf(width, layers.length);
  const choose = (index: number) => {
    const next = layers[Math.max(0, Math.min(layers.length - 1, index))];
    if (next !== undefined) onChoose(next.layer);
  };
  const walk = (event: React.KeyboardEvent) => {
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: layers.length - 1 }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  };
  const point = (event: React.MouseEvent) => {
    const { left: edge } = event.currentTarget.getBoundingClientRect();
    choose(Math.round(((event.clientX - edge - left) / Math.max(1, width - left - right)) * (layers.length - 1)));
  };
  return (
    <div
      ref={frame}
      className="path-chart"
      role="listbox"
      tabIndex={0}
      aria-label={whyWords('path.label')}
      aria-orientation="horizontal"
      aria-activedescendant={at < 0 ? undefined : `${id}${at}`}
      onKeyDown={walk}
      onClick={point}
    >
      {width > 0 && <Drawing {...props} width={width} x={x} />}
      {layers.map(({ layer, sqnr, added }, index) => (
        <span
          key={layer}
          id={`${id}${index}`}
          role="option"
          aria-selected={index === at}
          className="visually-hidden"
          tabIndex={-1}
        >
          {whyWords('path.option', { layer, sqnr: sqnrWords(sqnr), added: noiseWords(added) })}
          {layer === culprit && ` ${whyWords('culprit', { layer })}`}
        </span>
      ))}
    </div>
  );
}

const scaleOf = (width: number, count: number) => (index: number) =>
  left + (count < 2 ? 0.5 : index / (count - 1)) * (width - left - right);

function Drawing({
  layers,
  weighted,
  culprit,
  shown,
  width,
  x,
}: Props & { readonly width: number; readonly x: (index: number) => number }) {
  const { y, ticks } = decibels(layers);
  const most = Math.max(1e-12, ...layers.map(({ added }) => added));
  const bar = Math.max(2, Math.min(14, ((width - left - right) / Math.max(1, layers.length)) * 0.6));
  const at = layers.findIndex(({ layer }) => layer === shown);
  const worst = layers.findIndex(({ layer }) => layer === culprit);
  return (
    <svg width={width} height={height} aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick}>
          <line className="grid" x1={axis} x2={width} y1={y(tick)} y2={y(tick)} />
          <text x={axis - 6} y={y(tick) + 4} textAnchor="end">
            {tick === ticks.at(-1) ? `${decimal(tick)}\u00a0dB` : decimal(tick)}
          </text>
        </g>
      ))}
      {at >= 0 && <rect className="chosen" x={x(at) - bar / 2 - 4} y={2} width={bar + 8} height={height - 2} rx={4} />}
      <line className="grid" x1={axis} x2={width} y1={barsTop + barsHeight} y2={barsTop + barsHeight} />
      {layers.map(({ layer, added }, index) => {
        const tall = (added / most) * barsHeight;
        return (
          <rect
            key={layer}
            className={layer === culprit ? 'noise culprit' : 'noise'}
            x={x(index) - bar / 2}
            y={barsTop + barsHeight - tall}
            width={bar}
            height={tall}
          />
        );
      })}
      <polyline
        className="line"
        points={layers.map(({ sqnr }, index) => `${x(index).toFixed(1)},${y(sqnr).toFixed(1)}`).join(' ')}
      />
      {layers.map(({ layer, sqnr }, index) => (
        <circle
          key={layer}
          className={`node${layer === culprit ? ' culprit' : ''}${sqnr === null ? ' equal' : ''}`}
          cx={x(index)}
          cy={y(sqnr)}
          r={layer === culprit ? 5 : weighted.has(layer) ? 4 : 2}
        />
      ))}
      {worst >= 0 && <CulpritName name={culprit ?? ''} x={x(worst)} y={y(layers[worst]?.sqnr ?? null)} width={width} />}
    </svg>
  );
}

/** Letters of a name that fit beside its mark. */
const mostLetters = 28;

function CulpritName({
  name,
  x,
  y,
  width,
}: {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}) {
  const anchor = x < left + 80 ? 'start' : x > width - right - 80 ? 'end' : 'middle';
  const shift = { start: -4, middle: 0, end: 8 }[anchor];
  return (
    <text className="culprit-name" x={x + shift} y={y > top + 14 ? y - 10 : y + 18} textAnchor={anchor}>
      {name.length > mostLetters ? `…${name.slice(1 - mostLetters)}` : name}
    </text>
  );
}

/** The axis of decibels: round ends around all layers; a layer that is the same stands at the upper end. */
function decibels(layers: readonly LayerError[]) {
  const known = layers.flatMap(({ sqnr }) => (sqnr === null ? [] : [sqnr]));
  const high = Math.ceil(Math.max(20, ...known) / 10) * 10;
  const low = Math.floor(Math.min(0, ...known) / 10) * 10;
  const y = (sqnr: number | null) => top + ((high - (sqnr ?? high)) / (high - low)) * lineHeight;
  const step = high - low > 80 ? 40 : high - low > 30 ? 20 : 10;
  const ticks = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
  return { y, ticks };
}
