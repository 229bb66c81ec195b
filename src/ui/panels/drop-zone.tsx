/** The whole window takes files: a drop shows where it will land, a paste of files is a drop without a mouse. */
import { useEffect, useState } from 'react';
import { fromTransfer } from '../flows/files.ts';
import { openDropped } from '../flows/open.ts';
import { t } from '../i18n/translate.ts';
import { Icon } from '../parts/icon.tsx';
import { showProblem } from '../state/problems.ts';

const hasFiles = (transfer: DataTransfer | null): transfer is DataTransfer => transfer?.types.includes('Files') === true;

function take(transfer: DataTransfer): void {
  fromTransfer(transfer).then(openDropped, (thrown) => showProblem('open', thrown));
}

export function DropZone() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    const listen = <Name extends keyof WindowEventMap>(name: Name, serve: (event: WindowEventMap[Name]) => void) =>
      window.addEventListener(name, serve, { signal: controller.signal });
    listen('dragover', (event) => {
      if (!hasFiles(event.dataTransfer)) return;
      // A part of the page that takes pictures itself has prevented the default.
      if (event.defaultPrevented) return setOver(false);
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    });
    listen('dragleave', (event) => {
      // Leaving an element for another one inside the window is no leaving.
      if (event.relatedTarget === null) setOver(false);
    });
    listen('drop', (event) => {
      setOver(false);
      if (event.defaultPrevented || !hasFiles(event.dataTransfer)) return;
      event.preventDefault();
      take(event.dataTransfer);
    });
    listen('paste', (event) => {
      if (event.defaultPrevented || !hasFiles(event.clipboardData)) return;
      event.preventDefault();
      take(event.clipboardData);
    });
    return () => controller.abort();
  }, []);
  if (!over) return null;
  return (
    <div className="drop-zone" aria-hidden="true">
      <div>
        <Icon name="download" />
        <p>{t('drop.here')}</p>
        <small>{t('drop.kinds')}</small>
      </div>
    </div>
  );
}
