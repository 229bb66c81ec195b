/** What is kept on this device: whether, how much, other sessions, and forgetting it all. */
import { languageTag } from '../i18n/language.ts';
import { bytes } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { keepStore, useKeep } from '../state/keep.ts';
import { useProblems } from '../state/problems.ts';

/** The work behind this menu is no part of the first paint. */
const keeping = () => import('../keep/index.ts');

export function StorageMenu() {
  const { phase, used, earlier } = useKeep((state) => state);
  const failed = useProblems((state) => state.keep !== undefined);
  if (phase === 'starting') return null;
  const on = phase === 'on' || phase === 'restoring';
  const summary = (
    <>
      {failed && <Icon name="warning" />}
      <span>{t(on ? 'keep.on' : 'keep.off')}</span>
    </>
  );
  return (
    <Menu className="storage" testId="storage" title={t('keep.title')} summary={summary} onOpen={() => void refresh()}>
      <p>
        <strong>{used === null ? t('keep.title') : t('keep.used', { size: bytes(used) })}</strong>
      </p>
      <ProblemNote place="keep" />
      {phase !== 'off' && <p className="quiet-text">{t(on ? 'keep.on.help' : 'keep.paused.help')}</p>}
      {earlier.length > 0 && <Earlier />}
      {phase !== 'paused' && (
        <button type="button" className="button plain" onClick={() => void keeping().then((keep) => keep.forgetEverything())}>
          {t('keep.forget')}
        </button>
      )}
      <p className="quiet-text">{t('source.private')}</p>
    </Menu>
  );
}

async function refresh(): Promise<void> {
  if (keepStore.getState().phase === 'off') return;
  await (await keeping()).refreshKept();
}

function Earlier() {
  const earlier = useKeep((state) => state.earlier);
  const time = new Intl.DateTimeFormat(languageTag(), { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <>
      <h3>{t('keep.earlier')}</h3>
      <ul className="earlier">
        {earlier.map(({ id, name, runs, saved }) => (
          <li key={id}>
            <span>
              <strong translate="no">{name}</strong>
              <small>
                {t('keep.runs', { n: runs })} · {time.format(saved)}
              </small>
            </span>
            <button
              type="button"
              className="link"
              aria-label={`${t('keep.open')} ${name}`}
              onClick={() => void keeping().then((keep) => keep.openKept(id))}
            >
              {t('keep.open')}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
