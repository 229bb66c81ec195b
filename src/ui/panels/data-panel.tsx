/** The data: what it is, how its values reach the model and how that was found out, and what the model sees of it. */

import type { Preprocessing } from '../../engine/data/dataset.ts';
import type { DataSummary } from '../../workers/api.ts';
import { openDataFiles, openDataFolder } from '../actions/open-data.ts';
import { choosePreprocessing, dropData } from '../flows/open.ts';
import { count, shape } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useSession } from '../state/session.ts';
import { Thumbnails } from './thumbnails.tsx';

const ranges: readonly Preprocessing[] = ['raw', 'unit', 'symmetric', 'standardize'];

export function DataPanel() {
  const data = useSession((state) => state.data);
  const opening = useSession((state) => state.opening);
  const model = useSession((state) => state.model);
  return (
    <section className="data" aria-labelledby="data-title">
      <header className="panel-head">
        <h2 id="data-title">{t('data.title')}</h2>
        <span className="spacer" />
        <button type="button" className="link" disabled={model === null} onClick={openDataFiles.perform}>
          {t('data.open')}
        </button>
        <button type="button" className="link" disabled={model === null} onClick={openDataFolder.perform}>
          {t('data.open-folder')}
        </button>
        {data !== null && (
          <button type="button" className="link" onClick={dropData}>
            {t('data.drop')}
          </button>
        )}
      </header>
      <ProblemNote place="data" />
      {data === null ? (
        <p className="quiet-text">{t(opening === null ? 'data.none' : 'data.opening')}</p>
      ) : (
        <>
          <DataLine data={data.summary} />
          {data.thumbnails.length > 0 ? <Thumbnails thumbnails={data.thumbnails} /> : <Details data={data.summary} />}
        </>
      )}
    </section>
  );
}

function DataLine({ data }: { readonly data: DataSummary }) {
  const busy = useSession((state) => state.opening === 'data');
  const parts = [
    t(`data.kind.${data.kind}`, { n: count(data.size) }),
    data.sampleShape === null ? '' : shape(data.sampleShape),
    data.classNames.length === 0 ? '' : t('data.classes', { n: data.classNames.length }),
  ];
  return (
    <div className="data-line">
      <p>
        <strong>{data.name}</strong> <span className="quiet-text">{parts.filter((part) => part !== '').join(' · ')}</span>
      </p>
      <label className="field inline" title={t('data.range.help')}>
        <span>{t('data.range')}</span>
        <select
          value={data.preprocessing}
          disabled={busy}
          onChange={(event) => void choosePreprocessing(event.currentTarget.value as Preprocessing | 'auto')}
        >
          {ranges.map((range) => (
            <option key={range} value={range}>
              {t(`range.${range}`)}
              {scoreOf(data, range)}
            </option>
          ))}
          {data.task !== 'none' && <option value="auto">{t('range.auto')}</option>}
        </select>
      </label>
      {data.guessed && <p className="quiet-text">{t('data.guessed', { n: count(data.guess[0]?.n ?? 0) })}</p>}
    </div>
  );
}

/** What stands in for pictures where there are none: the classes, and how well each range did. */
function Details({ data }: { readonly data: DataSummary }) {
  return (
    <>
      {data.classNames.length > 0 && <p className="quiet-text">{data.classNames.join(' · ')}</p>}
      {data.guess.length > 0 && (
        <ul className="guesses">
          {data.guess.map(({ preprocessing, score, n }) => (
            <li key={preprocessing} aria-current={preprocessing === data.preprocessing || undefined}>
              <span>{t(`range.${preprocessing}`)}</span>
              <i style={{ inlineSize: `${Math.max(1, (score / Math.max(1, n)) * 100)}%` }} />
              <span>{t('data.score', { score: count(score), n: count(n) })}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function scoreOf(data: DataSummary, range: Preprocessing): string {
  const tried = data.guess.find((guess) => guess.preprocessing === range);
  return tried === undefined ? '' : ` – ${t('data.score', { score: count(tried.score), n: count(tried.n) })}`;
}
