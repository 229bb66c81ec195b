/** Saving: the format, what it can't hold, the written and verified files, and the code that loads them. */
import { saveCompressed, saveRepaired } from '../actions/save.ts';
import { download, downloadFile } from '../flows/export.ts';
import { englishText, noteText } from '../i18n/engine-words.ts';
import { bytes, percent } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { EngineLine } from '../parts/engine-line.tsx';
import { Icon } from '../parts/icon.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { exportFormats } from '../state/export-formats.ts';
import { exportsStore, useExports, type Written } from '../state/exports.ts';
import { recipeKey, useRecipe } from '../state/recipe.ts';
import { useSession } from '../state/session.ts';
import { stageWords } from './status-line.tsx';

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

function Saved({ written }: { readonly written: Written }) {
  const total = written.files.reduce((sum, file) => sum + file.bytes.length, 0);
  const code = exportFormats.find((one) => one.id === written.format)?.code(written) ?? '';
  return (
    <div className="saved">
      <p className="fact verified" role="status">
        <Icon name="check" /> <EngineLine words={englishText(written.verified.text)} />
      </p>
      <ul className="files">
        {written.files.map((file) => (
          <li key={file.path}>
            <button type="button" className="link" title={t('export.file')} onClick={() => downloadFile(file)}>
              {file.path}
            </button>
            <span>{bytes(file.bytes.length)}</span>
          </li>
        ))}
      </ul>
      <p className="export-again">
        <button type="button" className="button quiet" onClick={() => void download(written)}>
          <Icon name="download" />
          <span>{t('export.again', { size: bytes(total) })}</span>
        </button>
        <CopyButton label={t('export.copy-code')} text={() => code} />
      </p>
      <pre>
        <code>{code}</code>
      </pre>
    </div>
  );
}
