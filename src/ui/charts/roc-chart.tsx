/** Two ROC curves in one square, the original in grey and the result in the accent, with the areas under them. */
import type { RocView } from '../../engine/analysis/class-answers.ts';
import type { RocPoint } from '../../engine/metrics/roc.ts';
import type { Measured } from '../../engine/report.ts';
import { verdictSentence } from '../i18n/engine-words.ts';
import { whyWords } from '../panels/why-words.ts';

const size = 168;
const edge = 24;

/** `0.9873 (0.9790–0.9956)`. */
const areaWords = ({ value, interval }: Measured): string =>
  interval === undefined ? value.toFixed(4) : `${value.toFixed(4)} (${interval.map((end) => end.toFixed(4)).join('–')})`;

export function RocChart({ roc, stale }: { readonly roc: RocView; readonly stale: boolean }) {
  const [before, after] = [areaWords(roc.areaBefore), areaWords(roc.areaAfter)];
  return (
    <section className="why-roc" data-stale={stale} aria-labelledby="why-roc-title">
      <header className="panel-head">
        <h3 id="why-roc-title">{whyWords('roc')}</h3>
      </header>
      <figure>
        <svg viewBox={`0 0 ${size + edge} ${size + edge}`} role="img" aria-label={whyWords('roc.label', { before, after })}>
          <rect className="frame" x={edge} y={0.5} width={size - 0.5} height={size} />
          <line className="chance" x1={edge} y1={size} x2={size + edge} y2={0} />
          <polyline className="original" points={pointsOf(roc.before)} />
          <polyline className="compressed" points={pointsOf(roc.after)} />
          <text x={edge + size / 2} y={size + 16} textAnchor="middle">
            {whyWords('roc.false')}
          </text>
          <text transform={`translate(14 ${size / 2}) rotate(-90)`} textAnchor="middle">
            {whyWords('roc.true')}
          </text>
        </svg>
        <figcaption>
          <span className="quiet-text">{whyWords('area')}</span>
          <span className="key original">{whyWords('area.before', { area: before })}</span>
          <span className="key compressed">{whyWords('area.after', { area: after })}</span>
          <span className={`verdict ${roc.difference.verdict}`}>{verdictSentence(roc.difference)}</span>
        </figcaption>
      </figure>
    </section>
  );
}

const pointsOf = (points: readonly RocPoint[]): string =>
  points
    .map(
      ({ falsePositive, truePositive }) =>
        `${(edge + falsePositive * size).toFixed(1)},${((1 - truePositive) * size).toFixed(1)}`,
    )
    .join(' ');
