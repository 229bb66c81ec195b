/**
 * How often each value occurs in a stored tensor: the original as a grey ground, the compressed as accent bars, the values
 * it can take as ticks below. Heights are square roots of counts, so that a spike of zeros does not flatten the rest.
 */
import type { Histogram } from '../../workers/api.ts';
import { decimal, signed } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';

const width = 308;
const height = 136;
const base = 110;

export function WeightHistogram({ histogram, weight }: { readonly histogram: Histogram; readonly weight: string }) {
  const { min, max, original, compressed, levels, axis, example } = histogram;
  const tallest = Math.sqrt(Math.max(1, ...original, ...compressed));
  const y = (count: number) => base - (Math.sqrt(count) / tallest) * (base - 6);
  const x = (value: number) => (max > min ? ((value - min) / (max - min)) * width : width / 2);
  const say = (value: number) =>
    axis !== 'steps' ? decimal(value) : t(Math.abs(value) === 1 ? 'histogram.step' : 'histogram.steps', { n: decimal(value) });
  const words = levels.length === 0 ? t('histogram.levels.many') : t('histogram.levels', { n: levels.length });
  return (
    <figure className="histogram">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t('histogram.label', { weight, min: say(min), max: say(max), words })}
      >
        <path className="ground" d={outline(original, y)} />
        <path className="bars" d={bars(compressed, y)} />
        {min < 0 && max > 0 && <line className="zero" x1={x(0)} x2={x(0)} y1={4} y2={base} />}
        <line className="axis" x1={0} x2={width} y1={base} y2={base} />
        <path className="levels" d={levels.map((level) => `M${x(level).toFixed(2)} ${base + 1}v6`).join('')} />
        <text x={0} y={height - 6}>
          {say(min)}
        </text>
        <text x={width} y={height - 6} textAnchor="end">
          {say(max)}
        </text>
        {min < 0 && max > 0 && (
          <text x={x(0)} y={height - 6} textAnchor="middle">
            0
          </text>
        )}
      </svg>
      <figcaption>
        <span className="key original">{t('histogram.original')}</span>
        <span className="key compressed">{t('histogram.compressed')}</span>
        <span>{words}</span>
      </figcaption>
      {example && (
        <p className="example" title={t('histogram.example.help')}>
          {exampleWords(example)}
        </p>
      )}
    </figure>
  );
}

/** The seed's formula on one real weight: `x = 0.2134 → q = round(x·Q) = 27 → 0.2109, error −0.0025`, where Q is 1 / step. */
function exampleWords({ value, step, code, decoded }: NonNullable<Histogram['example']>): string {
  return t('histogram.example', {
    value: signed(value),
    rate: decimal(1 / step),
    code: signed(code),
    decoded: signed(decoded),
    error: signed(decoded - value),
  });
}

function outline(counts: readonly number[], y: (count: number) => number): string {
  const pitch = width / counts.length;
  const steps = counts.map((count, bin) => `L${(bin * pitch).toFixed(2)} ${y(count).toFixed(2)}h${pitch.toFixed(2)}`);
  return `M0 ${base}${steps.join('')}L${width} ${base}Z`;
}

function bars(counts: readonly number[], y: (count: number) => number): string {
  const pitch = width / counts.length;
  const thick = Math.max(1, pitch - 0.6);
  return counts
    .map((count, bin) =>
      count === 0 ? '' : `M${(bin * pitch).toFixed(2)} ${base}V${y(count).toFixed(2)}h${thick.toFixed(2)}V${base}Z`,
    )
    .join('');
}
