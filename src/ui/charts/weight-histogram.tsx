/**
 * How often each value occurs in a stored tensor: the original as a grey ground, the compressed as accent bars, the values
 * it can take as ticks below. Heights are square roots of counts, so that a spike of zeros does not flatten the rest.
 */
import type { Histogram } from '../../workers/api.ts';
import { decimal } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';

const width = 308;
const height = 136;
const base = 110;

export function WeightHistogram({ histogram, weight }: { readonly histogram: Histogram; readonly weight: string }) {
  const { min, max, original, compressed, levels } = histogram;
  const tallest = Math.sqrt(Math.max(1, ...original, ...compressed));
  const y = (count: number) => base - (Math.sqrt(count) / tallest) * (base - 6);
  const x = (value: number) => (max > min ? ((value - min) / (max - min)) * width : width / 2);
  const words = levels.length === 0 ? t('histogram.levels.many') : t('histogram.levels', { n: levels.length });
  return (
    <figure className="histogram">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t('histogram.label', { weight, min: decimal(min), max: decimal(max), words })}
      >
        <path className="ground" d={outline(original, y)} />
        <path className="bars" d={bars(compressed, y)} />
        {min < 0 && max > 0 && <line className="zero" x1={x(0)} x2={x(0)} y1={4} y2={base} />}
        <line className="axis" x1={0} x2={width} y1={base} y2={base} />
        <path className="levels" d={levels.map((level) => `M${x(level).toFixed(2)} ${base + 1}v6`).join('')} />
        <text x={0} y={height - 6}>
          {decimal(min)}
        </text>
        <text x={width} y={height - 6} textAnchor="end">
          {decimal(max)}
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
    </figure>
  );
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
