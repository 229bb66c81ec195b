/** Saving: the format, what it can't hold, and once it is written and verified what came of it. */
import { saveCompressed, saveRepaired } from '../actions/save.ts';
import { noteText } from '../i18n/engine-words.ts';
import { percent } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { EngineLine } from '../parts/engine-line.tsx';
import { Icon } from '../parts/icon.tsx';
import { lazyPart } from '../parts/lazy-part.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { exportFormats } from '../state/export-formats.ts';
import { exportsStore, useExports } from '../state/exports.ts';
import { recipeKey, useRecipe } from '../state/recipe.ts';
import { useSession } from '../state/session.ts';
import { stageWords } from './status-line.tsx';

const Saved = lazyPart(() => import('./saved.tsx').then((module) => module.Saved));

export function ExportPanel() {
  const format = useExports((state) => state.format);
  const busy = useExports((state) => state.busy);
  const written = useExports((state) => state.written);
  const model = useSession((state) => state.model);
  return (
    <section className="export" aria-labelledby="export-title">
      <h2 id="export-title">{t('export.title')}</h2>
      <div className="formats">
        {exportFormats.map((one) => (
          <label key={one.id} className="format">
            <input
              type="radio"
              name="format"
              checked={one.id === format}
              onChange={() => exportsStore.setState({ format: one.id })}
            />
            <span>
              {t(one.title)}
              <small>{t(one.summary)}</small>
            </span>
          </label>
        ))}
      </div>
      <Losses />
      <ProblemNote place="export" />
      <div className="export-actions">
        {busy === null ? (
          <>
            <ActionButton action={saveCompressed} icon="download" enabled={model !== null} />
            <ActionButton action={saveRepaired} kind="quiet" enabled={model !== null} />
          </>
        ) : (
          <>
            <button type="button" className="button plain" onClick={busy.cancel}>
              <Icon name="stop" />
              <span>{t('action.cancel')}</span>
            </button>
            <p className="quiet-text">{busy.event === null ? t('export.starting') : stageWords(busy.event)}</p>
          </>
        )}
      </div>
      {written !== null && <Saved written={written} />}
    </section>
  );
}

function Losses() {
  const losses = useExports((state) => state.losses);
  const key = useRecipe((state) => recipeKey(state.recipe));
  if (losses === null || losses.key !== key) return <p className="quiet-text">{t('export.losses.unknown')}</p>;
  if (losses.list.length === 0) {
    return (
      <p className="fact">
        <Icon name="check" /> {t('export.losses.none')}
      </p>
    );
  }
  return (
    <div className="losses">
      <p>{t('export.losses', { n: losses.list.length })}</p>
      <ul>
        {losses.list.map((loss) => (
          <li key={`${loss.layer} ${loss.code}`}>
            <code>{loss.layer}</code> <EngineLine words={noteText(loss)} />
            {loss.relativeError !== undefined && ` ${t('export.losses.error', { error: percent(loss.relativeError) })}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
