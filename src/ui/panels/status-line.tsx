/** The line at the bottom: what is being done, how far, how long still, and Cancel. Screen readers hear it every five seconds. */
import { useEffect, useRef, useState } from 'react';
import type { RunEvent } from '../../workers/api.ts';
import { cancel } from '../actions/cancel.ts';
import { problemText } from '../i18n/engine-words.ts';
import { count, duration } from '../i18n/numbers.ts';
import { t, tOr } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { lazyPart } from '../parts/lazy-part.tsx';
import { useChannels } from '../state/channels.ts';
import { useDevice } from '../state/device.ts';
import { useExports } from '../state/exports.ts';
import { useKeep } from '../state/keep.ts';
import { useProblems } from '../state/problems.ts';
import { useRuns } from '../state/runs.ts';
import { useSearch } from '../state/search.ts';
import { useSession } from '../state/session.ts';
import { useWhy } from '../state/why.ts';

const StorageMenu = lazyPart(() => import('./storage-menu.tsx').then((module) => module.StorageMenu));

/** `accuracy · 3,200 of 10,000 · 4.1 s left`. */
export function stageWords(event: RunEvent): string {
  const parts = [
    tOr(`stage.${event.stage}`, tOr(`technique.${event.stage}`, event.stage)),
    event.total > 1 ? t('status.count', { done: count(event.done), total: count(event.total) }) : '',
    event.remainingMs === undefined ? '' : t('status.left', { time: duration(Math.max(1000, event.remainingMs)) }),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function useWords(): { readonly words: string; readonly event: RunEvent | null; readonly busy: boolean } {
  const running = useRuns((state) => state.running);
  const saving = useExports((state) => state.busy);
  const searching = useSearch((state) => state.running);
  const comparing = useWhy((state) => state.running);
  const measuring = useChannels((state) => state.running);
  const opening = useSession((state) => state.opening);
  const ready = useSession((state) => state.model !== null);
  const cut = useRuns((state) => state.cut !== null);
  const phase = useKeep((state) => state.phase);
  const second = useKeep((state) => state.second);
  const lost = useProblems((state) => state.keep);
  const probing = useDevice((state) => state.busy);
  const event = saving?.event ?? searching?.event ?? running?.event ?? comparing?.event ?? measuring?.event ?? null;
  if (event !== null) return { words: stageWords(event), event, busy: true };
  if (saving !== null || searching !== null || running !== null || comparing !== null || measuring !== null)
    return { words: t('status.starting'), event, busy: true };
  if (opening !== null) return { words: t(`status.opening.${opening}`), event, busy: false };
  if (probing) return { words: t('status.probing'), event, busy: false };
  if (cut) return { words: t('status.cancelled'), event, busy: false };
  if (phase === 'restoring') return { words: t('keep.restoring'), event, busy: false };
  if (lost !== undefined) return { words: problemText(lost, 'title').text, event, busy: false };
  if (second) return { words: t('keep.second'), event, busy: false };
  return { words: t(ready ? 'status.ready' : 'status.empty'), event, busy: false };
}

export function StatusLine() {
  const { words, event, busy } = useWords();
  const spoken = useThrottled(words, busy ? 5000 : 0);
  return (
    <footer className="status-line">
      {busy && (
        <progress aria-label={words} {...(event !== null && event.total > 0 && { value: event.done, max: event.total })} />
      )}
      <span aria-hidden="true" className="status-words">
        {words}
      </span>
      <span role="status" className="visually-hidden">
        {spoken}
      </span>
      <span className="spacer" />
      {busy && <ActionButton action={cancel} kind="quiet" enabled />}
      {!busy && <span className="status-private">{t('source.private')}</span>}
      <StorageMenu />
    </footer>
  );
}

/** The value, but never renewed more often than every so many milliseconds. */
function useThrottled(value: string, every: number): string {
  const [shown, setShown] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + every - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setShown(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, every]);
  return shown;
}
