/** Where the model comes from: the one line that says what to do, the samples, what reading repaired. */

import { openFiles } from '../actions/open-files.ts';
import { openFolder } from '../actions/open-folder.ts';
import { openSample } from '../flows/samples.ts';
import { sampleWords } from '../i18n/engine-words.ts';
import { t } from '../i18n/translate.ts';
import { lazyPart } from '../parts/lazy-part.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useSession } from '../state/session.ts';
import { ImportNotes } from './import-notes.tsx';

const InputSize = lazyPart(() => import('./input-size.tsx').then((module) => module.InputSize));

export function SourcePanel() {
  const samples = useSession((state) => state.samples);
  const anySize = useSession((state) => state.model?.summary.inputs.some(({ shape }) => shape.includes(null)) === true);
  const card = useSession((state) => state.card);
  return (
    <section className="source" aria-label={t('source.title')}>
      <p className="invitation">
        {t('source.drop')} <span>{t('source.private')}</span>
      </p>
      <div className="chips">
        {samples.map((sample) => (
          <button
            key={sample.id}
            type="button"
            className="chip"
            aria-pressed={sample.id === card?.id}
            title={sampleWords(sample).summary}
            translate="no"
            onClick={() => void openSample(sample)}
          >
            {sampleWords(sample).title}
          </button>
        ))}
      </div>
      <div className="source-links">
        <button type="button" className="link" onClick={openFiles.perform}>
          {t('source.files')}
        </button>
        <button type="button" className="link" onClick={openFolder.perform}>
          {t('source.folder')}
        </button>
      </div>
      <ProblemNote place="open" />
      {anySize && <InputSize />}
      <ImportNotes />
    </section>
  );
}
