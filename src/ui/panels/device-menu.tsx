/** The device line: what computes, whether the page is isolated, and the choice of another backend. */
import { useEffect, useRef } from 'react';
import type { DeviceStatus } from '../../workers/api.ts';
import { chooseBackend } from '../flows/device.ts';
import { englishText } from '../i18n/engine-words.ts';
import { duration } from '../i18n/numbers.ts';
import { t, tOr } from '../i18n/translate.ts';
import { EngineLine } from '../parts/engine-line.tsx';
import { Icon } from '../parts/icon.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useDevice } from '../state/device.ts';

const backendName = (id: string): string => tOr(`backend.${id}`, id);

export function DeviceMenu() {
  const status = useDevice((state) => state.status);
  const busy = useDevice((state) => state.busy);
  const root = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const closeOutside = (event: Event) => {
      const menu = root.current;
      if (menu?.open && !(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('focusin', closeOutside);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('focusin', closeOutside);
    };
  }, []);
  if (status === null) return null;
  const close = (event: React.KeyboardEvent<HTMLDetailsElement>) => {
    if (event.key !== 'Escape' || !event.currentTarget.open) return;
    event.preventDefault();
    event.currentTarget.open = false;
    event.currentTarget.querySelector('summary')?.focus();
  };
  return (
    <details className="menu device" data-testid="device" ref={root} onKeyDown={close}>
      <summary className="button quiet" title={t('device.title')}>
        <i className={busy ? 'lamp busy' : 'lamp'} />
        <span>
          {backendName(status.backend)}
          {!status.isolated && <small> · {t('device.unshared')}</small>}
        </span>
        <Icon name="down" />
      </summary>
      <div className="menu-body">
        <p>
          <strong>{backendName(status.backend)}</strong>
          {status.adapter !== '' && <span lang="en"> · {status.adapter}</span>}
        </p>
        <p className="quiet-text">{t(status.isolated ? 'device.isolated' : 'device.not-isolated')}</p>
        <BackendChoice status={status} busy={busy} />
        <ProblemNote place="device" />
        <p className="quiet-text">{t('device.private')}</p>
      </div>
    </details>
  );
}

function BackendChoice({ status, busy }: { readonly status: DeviceStatus; readonly busy: boolean }) {
  const rows = [{ backend: 'auto', note: t('device.auto'), reason: '' }, ...status.available.map(withNote)];
  return (
    <fieldset className="choices" disabled={busy}>
      <legend>{t('device.choose')}</legend>
      {rows.map(({ backend, note, reason }) => (
        <label key={backend}>
          <input
            type="radio"
            name="backend"
            value={backend}
            checked={status.choice === backend}
            onChange={() => void chooseBackend(backend)}
          />
          <span>{backend === 'auto' ? t('device.choice.auto') : backendName(backend)}</span>
          <small>
            {note}
            {reason !== '' && <EngineLine words={englishText(note === '' ? reason : ` · ${reason}`)} />}
          </small>
        </label>
      ))}
    </fieldset>
  );
}

function withNote(row: DeviceStatus['available'][number]) {
  const time = row.batchMs === undefined ? '' : t('device.batch', { time: duration(row.batchMs) });
  const note = [row.software ? t('device.software') : '', time].filter((part) => part !== '').join(' · ');
  return { backend: row.backend, note, reason: row.reason ?? '' };
}
