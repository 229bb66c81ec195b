/** The device line: what computes, whether the page is isolated, and the choice of another backend. */
import type { DeviceStatus } from '../../workers/api.ts';
import { chooseBackend } from '../flows/device.ts';
import { engineText } from '../i18n/engine-words.ts';
import { duration } from '../i18n/numbers.ts';
import { t, tOr } from '../i18n/translate.ts';
import { EngineLine } from '../parts/engine-line.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useDevice } from '../state/device.ts';

const backendName = (id: string): string => tOr(`backend.${id}`, id);
/** What fits into the bar of a phone. */
const shortName = (id: string): string => tOr(`backend.${id}.short`, backendName(id));

export function DeviceMenu() {
  const status = useDevice((state) => state.status);
  const busy = useDevice((state) => state.busy);
  if (status === null) return null;
  const summary = (
    <>
      <i className={busy ? 'lamp busy' : 'lamp'} />
      <span>
        {shortName(status.backend)}
        {!status.isolated && <small> · {t('device.unshared')}</small>}
      </span>
      <Icon name="down" />
    </>
  );
  return (
    <Menu className="device" testId="device" title={t('device.title')} summary={summary}>
      <p>
        <strong>{backendName(status.backend)}</strong>
        {status.adapter !== '' && <span lang="en"> · {status.adapter}</span>}
      </p>
      <p className="quiet-text">{t(status.isolated ? 'device.isolated' : 'device.not-isolated')}</p>
      <BackendChoice status={status} busy={busy} />
      <ProblemNote place="device" />
      <p className="quiet-text">{t('device.private')}</p>
    </Menu>
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
            {note !== '' && reason !== '' && ' · '}
            {reason !== '' && <EngineLine words={engineText(reason)} />}
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
