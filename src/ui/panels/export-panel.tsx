/** Saving: the format, what it can't hold, and once it is written and verified what came of it. */
import type { StudioErrorFields } from '../../engine/errors.ts';
import { saveCompressed, saveRepaired } from '../actions/save.ts';
import { deployAll, measurableKinds } from '../flows/deploy.ts';
import { noteText, problemText } from '../i18n/engine-words.ts';
import { percent } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { EngineLine } from '../parts/engine-line.tsx';
import { Icon } from '../parts/icon.tsx';
import { lazyPart } from '../parts/lazy-part.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useExports } from '../state/exports.ts';
import { useSession } from '../state/session.ts';
import { exportWords } from './export-words.ts';
import { FormatList, useWeighed } from './format-list.tsx';
import { stageWords } from './status-line.tsx';

const Saved = lazyPart(() => import('./saved.tsx').then((module) => module.Saved));

export function ExportPanel() {
  const busy = useExports((state) => state.busy);
  const written = useExports((state) => state.written);
  const model = useSession((state) => state.model);
  return (
    <section className="export" aria-labelledby="export-title">
      <h2 id="export-title">{t('export.title')}</h2>
      <FormatList />
      <Losses />
      <ProblemNote place="export" />
      <div className="export-actions">
        {busy === null ? (
          <>
            <ActionButton action={saveCompressed} icon="download" enabled={model !== null} />
            {(model?.summary.notes.length ?? 0) > 0 && <ActionButton action={saveRepaired} kind="quiet" enabled />}
            <MeasureKinds />
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

/** Fills the rows of the .tflite kinds; there once the result has been weighed. */
function MeasureKinds() {
  if (useWeighed() === null || measurableKinds().length === 0) return null;
  return (
    <button type="button" className="button quiet" title={exportWords('measure.help')} onClick={() => void deployAll()}>
      <Icon name="run" />
      <span>{exportWords('measure')}</span>
    </button>
  );
}

function Losses() {
  const format = useExports((state) => state.format);
  const weighed = useWeighed()?.get(format);
  if (weighed === undefined) return <p className="quiet-text">{exportWords('losses.unknown')}</p>;
  if ('refused' in weighed) return <Refused fields={weighed.refused} />;
  const { losses } = weighed;
  if (losses.length === 0) {
    return (
      <p className="fact">
        <Icon name="check" /> {exportWords('losses.none')}
      </p>
    );
  }
  return (
    <div className="losses">
      <p>{exportWords('losses', { n: losses.length })}</p>
      <ul>
        {losses.map((loss) => (
          <li key={`${loss.layer} ${loss.code}`}>
            {loss.layer === '' ? exportWords('whole') : <code>{loss.layer}</code>} <EngineLine words={noteText(loss)} />
            {loss.relativeError !== undefined && ` ${exportWords('losses.error', { error: percent(loss.relativeError) })}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Refused({ fields }: { readonly fields: StudioErrorFields }) {
  return (
    <div className="losses">
      <p>
        <EngineLine words={problemText(fields, 'detail')} />
      </p>
      <p>
        <EngineLine words={problemText(fields, 'hint')} />
      </p>
    </div>
  );
}
