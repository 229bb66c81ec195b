/**
 * The wall: a hundred samples answered by both models while the thumb moves. A ring where the answer changed, an arrow down where
 * it became wrong and up where it became right; what both models think is shown in place, on hover and by the arrow keys.
 */
import { useMemo, useState } from 'react';
import { count } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { answerName, changeWords, runName, tallyWords } from '../i18n/wall-words.ts';
import { Icon } from '../parts/icon.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { type AnswerKind, kindOfAnswers, type Tally, type Tile, tallyOf, tilesOf } from '../state/answers.ts';
import { useSession } from '../state/session.ts';
import { useWall, type WallState } from '../state/wall.ts';
import { WallField } from './wall-field.tsx';

export interface WallContent {
  readonly wall: WallState;
  readonly kind: AnswerKind;
  readonly tiles: readonly Tile[];
  readonly classNames: readonly string[];
}

/** The answers on the wall, read; without tiles until the first answers are there. */
function useContent(): WallContent {
  const wall = useWall((state) => state);
  const flat = useSession((state) => state.model?.summary.outputs[0]?.shape.length === 1);
  return useMemo(() => {
    const { answers, data } = wall;
    const classNames = data?.summary.classNames ?? [];
    if (answers === null) return { wall, kind: 'outputs', tiles: [], classNames };
    const kind = kindOfAnswers(answers, classNames, flat);
    return { wall, kind, tiles: tilesOf(answers, kind), classNames };
  }, [wall, flat]);
}

/** Both are drawn by the data panel: the summary in its second line, the field below. */
export function Wall({ children }: { readonly children: React.ReactNode }) {
  const content = useContent();
  const [asTable, setAsTable] = useState(false);
  const answered = content.tiles.length > 0;
  return (
    <>
      <div className="wall-line">
        {content.wall.run !== null && <strong className="wall-run">{runName(content.wall.run)}</strong>}
        {answered && content.wall.answers?.untaught ? (
          <p className="wall-tally">{t('wall.untaught')}</p>
        ) : answered ? (
          <Summary content={content} />
        ) : (
          <p className="quiet-text">{t('wall.asking')}</p>
        )}
        {children}
        {answered && (
          <button type="button" className="link" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {t(asTable ? 'wall.as-wall' : 'wall.as-table')}
          </button>
        )}
      </div>
      <ProblemNote place="wall" />
      {asTable && answered ? <WallTable content={content} /> : <WallField content={content} />}
    </>
  );
}

function Summary({ content: { tiles, kind } }: { readonly content: WallContent }) {
  const tally: Tally = useMemo(() => tallyOf(tiles), [tiles]);
  if (kind !== 'classes') return <p className="wall-tally quiet-text">{t('wall.values', { n: tally.n })}</p>;
  return (
    <p className="wall-tally" data-changed={tally.changed}>
      {tally.changed > 0 && <i className="ring-key" aria-hidden="true" />}
      <strong>{tallyWords(tally)}</strong>
      {tally.nowWrong > 0 && (
        <span className="verdict worse">
          <Icon name="worse" />
          {t('wall.now-wrong', { n: count(tally.nowWrong) })}
        </span>
      )}
      {tally.nowRight > 0 && (
        <span className="verdict better">
          <Icon name="better" />
          {t('wall.now-right', { n: count(tally.nowRight) })}
        </span>
      )}
    </p>
  );
}

function WallTable({ content: { tiles, kind, classNames } }: { readonly content: WallContent }) {
  const name = (value: number) => answerName(value, kind, classNames);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className="table-scroll" tabIndex={0} aria-label={t('wall.table')}>
      <table>
        <thead>
          <tr>
            <th scope="col" className="number">
              {t('wall.column.sample')}
            </th>
            <th scope="col">{t('wall.column.truth')}</th>
            <th scope="col">{t('words.original')}</th>
            <th scope="col">{t('wall.compressed')}</th>
            {kind === 'classes' && <th scope="col">{t('wall.column.change')}</th>}
          </tr>
        </thead>
        <tbody>
          {tiles.map((tile) => (
            <tr key={tile.index} data-change={tile.change}>
              <th scope="row" className="number">
                {count(tile.index + 1)}
              </th>
              <td>{tile.truth === null ? t('figure.none') : name(tile.truth)}</td>
              <td>{kind === 'outputs' ? t('figure.none') : name(tile.before)}</td>
              <td>{kind === 'outputs' ? t('figure.none') : name(tile.after)}</td>
              {kind === 'classes' && <td>{changeWords(tile)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
