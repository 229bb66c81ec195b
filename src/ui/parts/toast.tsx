/** The notice at the foot of the page. Screen readers hear it; pointing at it or tabbing into it keeps it there. */
import { t } from '../i18n/translate.ts';
import { dismissToast, holdToast, undoToast, useToast } from '../state/toast.ts';
import { Icon } from './icon.tsx';

export function ToastLine() {
  const toast = useToast((state) => state.toast);
  return (
    <div className="toast-place" role="status">
      {toast !== null && (
        // biome-ignore lint/a11y/noStaticElementInteractions: it only waits while it is read
        <div
          className="toast"
          onPointerEnter={() => holdToast(true)}
          onPointerLeave={() => holdToast(false)}
          onFocus={() => holdToast(true)}
          onBlur={() => holdToast(false)}
        >
          <span>{toast.key === undefined ? toast.words?.() : t(toast.key)}</span>
          {toast.undo !== undefined && (
            <button type="button" className="link" onClick={undoToast}>
              {t('toast.undo')}
            </button>
          )}
          <button type="button" className="button icon small" aria-label={t('toast.dismiss')} onClick={dismissToast}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
