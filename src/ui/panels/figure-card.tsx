/**
 * One figure beside the size: now, before, and what the difference means. A difference is coloured only where its paired
 * 95 % interval excludes zero; a figure of an earlier recipe stays in view, greyed, until the new one is measured.
 */
import type { Measured, Paired } from '../../engine/report.ts';
import { isSure, verdictSentence } from '../i18n/engine-words.ts';
import * as numbers from '../i18n/numbers.ts';
import { t, tOr } from '../i18n/translate.ts';
import { Icon } from '../parts/icon.tsx';
import type { Shown } from '../state/figures.ts';

export function FigureCard({ metric, shown }: { readonly metric: string; readonly shown: Shown }) {
  const now = shown.after[metric];
  const value = now ?? shown.earlier[metric];
  const before = shown.before[metric];
  return (
    <div className={now === undefined ? 'figure stale' : 'figure'} data-metric={metric}>
      <dt title={tOr(`metric.${metric}.help`, '')}>{tOr(`metric.${metric}`, metric)}</dt>
      <dd>
        <span className="figure-value">
          {value === undefined ? t('figure.none') : <Value measured={value} metric={metric} />}
        </span>
        <span className="figure-before">
          {value === undefined ? t('figure.run') : <Beside now={now} before={before} metric={metric} />}
        </span>
        <Verdict metric={metric} paired={now === undefined ? undefined : shown.paired[metric]} />
      </dd>
    </div>
  );
}

function Value({ measured, metric }: { readonly measured: Measured; readonly metric: string }) {
  const { number, unit } = numbers.reading(measured.value, measured.unit);
  const samples =
    metric === 'agreement/top1' && measured.n !== undefined && ['ratio', 'share', 'fraction'].includes(measured.unit);
  return (
    <span title={exact(measured)}>
      {measured.how === 'estimated' && '≈'}
      {samples ? numbers.count(Math.round(measured.value * (measured.n ?? 0))) : number}
      <small>{samples ? t('figure.of', { n: numbers.count(measured.n ?? 0) }) : unit === '' ? '' : `\u00a0${unit}`}</small>
    </span>
  );
}

function exact({ value, n, on, how }: Measured): string {
  const parts = [String(value), n === undefined ? '' : `n = ${numbers.count(n)}`, on ?? '', t(`how.${how}`)];
  return parts.filter((part) => part !== '').join(' · ');
}

interface BesideProps {
  readonly now: Measured | undefined;
  readonly before: Measured | undefined;
  readonly metric: string;
}

function Beside({ now, before, metric }: BesideProps) {
  if (now === undefined) return t('figure.earlier');
  const spread = numbers.interval(now);
  const parts = [
    metric.startsWith('accuracy/') || metric === 'agreement/top1' ? spread : '',
    before === undefined || metric.startsWith('agreement/') ? '' : t('figure.was', { value: numbers.figure(before) }),
    now.synthetic === true ? t('figure.synthetic') : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function Verdict({ metric, paired }: { readonly metric: string; readonly paired: Paired | undefined }) {
  if (paired === undefined) return null;
  const { verdict, difference } = paired;
  const text = verdictSentence(paired);
  if (verdict === 'better' || verdict === 'worse') {
    return (
      <span className={`verdict ${verdict}`} title={text}>
        <Icon name={verdict} />
        {t(`verdict.${verdict}`, { difference: numbers.difference(difference) })}
      </span>
    );
  }
  return (
    <span className="verdict" title={text}>
      {verdict === 'none' && isSure(difference)
        ? t('verdict.small', { difference: numbers.difference(difference) })
        : t(verdict === 'none' && metric.startsWith('accuracy/') ? 'verdict.none' : 'verdict.unresolved')}
    </span>
  );
}
