/** On a phone: which part stands below the dials, and the result at the foot of the screen. */
import { saveCompressed } from '../actions/save.ts';
import * as numbers from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { useExports } from '../state/exports.ts';
import { qualityOf } from '../state/figures.ts';
import { useShown } from '../state/use-shown.ts';
import { type Segment, useView, view } from '../state/view.ts';
import { inWords } from './hero.tsx';

const segments: readonly Segment[] = ['result', 'recipe', 'layers', 'try', 'export'];

export function Segments() {
  const current = useView((state) => state.segment);
  return (
    <nav className="segments only-small" aria-label={t('segment.title')}>
      {segments.map((segment) => (
        <button key={segment} type="button" aria-pressed={segment === current} onClick={() => view.setState({ segment })}>
          {t(`segment.${segment}`)}
        </button>
      ))}
    </nav>
  );
}

export function Footer() {
  const shown = useShown();
  const busy = useExports((state) => state.busy !== null);
  const [before, after] = [shown?.before['size/gzip'], shown?.after['size/gzip']];
  if (shown === null || before === undefined || after === undefined) return null;
  const metric = qualityOf(shown.after);
  const quality = metric === undefined ? undefined : shown.after[metric];
  return (
    <footer className="foot only-small">
      <p>
        <strong>
          {after.how === 'estimated' && '≈'}
          {numbers.bytes(after.value)}
        </strong>
        <span>
          {inWords(after.value / before.value)}
          {quality && ` · ${numbers.figure(quality)}`}
        </span>
      </p>
      <ActionButton action={saveCompressed} icon="download" label={t('hero.download')} kind="primary" enabled={!busy} />
    </footer>
  );
}
