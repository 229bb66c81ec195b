/** The data in two lines: what it is and how its values reach the model. Below it the wall, or what can be told without data. */

import { useState } from 'react';
import type { Preprocessing } from '../../engine/data/dataset.ts';
import type { DataSummary } from '../../workers/api.ts';
import { openDataFiles, openDataFolder } from '../actions/open-data.ts';
import { arrangeData, dropData } from '../flows/open.ts';
import { sampleDataName } from '../i18n/engine-words.ts';
import { count, shape } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { lazyPart } from '../parts/lazy-part.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useProblems } from '../state/problems.ts';
import { useSession } from '../state/session.ts';

const SyntheticWall = lazyPart(() => import('./synthetic-wall.tsx').then((module) => module.SyntheticWall));
const Wall = lazyPart(() => import('./wall.tsx').then((module) => module.Wall));
const DataDetail = lazyPart(() => import('./data-detail.tsx').then((module) => module.DataDetail));

export function DataPanel() {
  const data = useSession((state) => state.data);
  const opening = useSession((state) => state.opening);
  const model = useSession((state) => state.model);
  const failed = useProblems((state) => state.open !== undefined);
  const [detailed, setDetailed] = useState(false);
  return (
    <section className="data" aria-labelledby="data-title">
      <header className="panel-head">
        <h2 id="data-title">{t('data.title')}</h2>
        {data !== null && <DataWords data={data.summary} />}
        <span className="spacer" />
        {data !== null && (
          <button type="button" className="link" aria-pressed={detailed} onClick={() => setDetailed(!detailed)}>
            {t('data.details')}
          </button>
        )}
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
      {data !== null && detailed ? (
        <DataDetail data={data} />
      ) : data !== null ? (
        <Wall>
          <Range data={data.summary} />
        </Wall>
      ) : opening === null && model !== null ? (
        <SyntheticWall />
      ) : (
        <>
          <p className="quiet-text">{t(failed && opening === null ? 'data.none' : 'data.opening')}</p>
          {!(failed && opening === null) && <div className="wall-to-come" aria-hidden="true" />}
        </>
      )}
    </section>
  );
}

function DataWords({ data }: { readonly data: DataSummary }) {
  const parts = [
    t(`data.kind.${data.kind}`, { n: data.size }),
    data.sampleShape === null ? '' : shape(data.sampleShape),
    data.classes.length === 0 ? '' : t('data.classes', { n: data.classes.length }),
  ];
  const card = useSession((state) => state.card);
  const name = card?.data.name === data.name ? sampleDataName(card.id, data.name) : data.name;
  const [first = '', ...rest] = parts.filter((part) => part !== '');
  const words = [first, ...rest].join(' · ');
  return (
    <p className="data-words" title={[name, words, data.classNames.join(', ')].filter((part) => part !== '').join('\n')}>
      <strong translate="no">{name}</strong>{' '}
      <span className="quiet-text">
        {first}
        <span className="more">{rest.map((part) => ` · ${part}`).join('')}</span>
      </span>
    </p>
  );
}

function Range({ data }: { readonly data: DataSummary }) {
  const busy = useSession((state) => state.opening === 'data');
  const guessed = data.guessed ? t('data.guessed', { n: count(data.guess[0]?.n ?? 0) }) : '';
  return (
    <label className="range" title={[t('data.range.help'), guessed].filter((part) => part !== '').join('\n')}>
      <span>{t('data.range')}</span>
      <select
        value={data.preprocessing}
        disabled={busy}
        onChange={(event) => void arrangeData({ preprocessing: event.currentTarget.value as Preprocessing | 'auto' })}
      >
        {data.choices.preprocessings.map((range) => (
          <option key={range} value={range}>
            {t(`range.${range}`)}
            {scoreOf(data, range)}
          </option>
        ))}
        {data.task !== 'none' && <option value="auto">{t('range.auto')}</option>}
      </select>
    </label>
  );
}

function scoreOf(data: DataSummary, range: Preprocessing): string {
  const tried = data.guess.find((guess) => guess.preprocessing === range);
  return tried === undefined ? '' : ` – ${t('data.score', { score: count(tried.score), n: count(tried.n) })}`;
}
