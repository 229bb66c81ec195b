/** How a figure differs between two runs: an arrow, a word and a colour only where the interval excludes zero. */
import type { Difference } from '../../engine/compare.ts';
import { isSure } from '../i18n/engine-words.ts';
import * as numbers from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { Icon } from '../parts/icon.tsx';
import { runsWords } from './runs-words.ts';

export function RunDifference({ found, long = false }: { readonly found: Difference; readonly long?: boolean }) {
  const { verdict, difference } = found;
  const sentence = differenceSentence(found);
  return (
    <span className={`verdict ${verdict}`} title={sentence}>
      {verdict !== 'none' && <Icon name={verdict} />}
      <span>
        {verdict === 'none' ? noneWords(found) : t(`verdict.${verdict}`, { difference: numbers.difference(difference) })}
        {long && <small>{shortSentence(found)}</small>}
      </span>
    </span>
  );
}

const noneWords = ({ basis, difference }: Difference): string =>
  basis === 'exact' && difference.value === 0
    ? runsWords('equal')
    : isSure(difference)
      ? t('verdict.small', { difference: numbers.difference(difference) })
      : runsWords('no-difference');

/** `−0.3 pt – +0.1 pt · p = 0.2`: what stands below the verdict; the rest is its title. */
function shortSentence({ difference, pValue, basis }: Difference): string {
  if (basis === 'exact') return '';
  const interval = difference.interval === undefined ? '' : numbers.differenceInterval(difference);
  return [interval, pValue === undefined ? '' : `p\u00a0=\u00a0${probability(pValue)}`].filter((part) => part !== '').join(' · ');
}

const probability = (pValue: number): string => (pValue < 0.001 ? pValue.toExponential(1) : pValue.toFixed(3));

/** `−0.12 points, 95 % interval −0.3 to +0.1, 10,000 samples, McNemar p = 0.2, compared sample by sample`. */
function differenceSentence({ difference, pValue, basis }: Difference): string {
  const { interval, n } = difference;
  const parts = [
    numbers.difference(difference),
    interval === undefined ? '' : t('verdict.interval', { interval: numbers.differenceInterval(difference) }),
    n === undefined || difference.unit !== 'points' ? '' : t('verdict.samples', { n }),
    pValue === undefined ? '' : t('verdict.p', { p: probability(pValue) }),
    runsWords(`basis.${basis}`),
  ];
  return parts.filter((part) => part !== '').join(t('list.separator'));
}
