/** The result at a glance: the size of the file you would download now, before and after, and what it costs, in equal rank. */
import type { DataSummary } from '../../workers/api.ts';
import { saveCompressed } from '../actions/save.ts';
import * as numbers from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { useExports } from '../state/exports.ts';
import type { Shown } from '../state/figures.ts';
import { useProblems } from '../state/problems.ts';
import { useSession } from '../state/session.ts';
import { useShown } from '../state/use-shown.ts';
import { FigureCard } from './figure-card.tsx';

const qualities: readonly string[] = ['accuracy/top1', 'accuracy/r2', 'accuracy/mae'];
const agreements: readonly string[] = ['agreement/top1', 'agreement/mean'];
const costs: readonly string[] = ['latency/median', 'parameters/nonzero', 'energy/inference', 'size/payload'];

export function Hero() {
  const shown = useShown();
  const busy = useExports((state) => state.busy !== null);
  if (shown === null) return <Welcome />;
  return (
    <section className="hero" aria-labelledby="hero-title" data-testid={shown.report === null ? 'hero' : 'run-done'}>
      <h2 id="hero-title" className="visually-hidden">
        {t('hero.title')}
      </h2>
      <HeroSize shown={shown} saving={busy} />
      <Figures shown={shown} />
    </section>
  );
}

/** Before anything is open: the page begins with opening a sample, so that only a failure leaves it empty. */
function Welcome() {
  const failed = useProblems((state) => state.open !== undefined);
  const opening = useSession((state) => state.opening !== null);
  return (
    <section className="hero empty" aria-label={t('hero.title')}>
      <p className="welcome">{t(failed && !opening ? 'hero.empty' : 'bar.opening')}</p>
    </section>
  );
}

/** What the model is worth and what it costs; `rest` is what a phone has no room for beside the size. */
export function Figures({ shown, rest = false }: { readonly shown: Shown; readonly rest?: boolean }) {
  const known = (metric: string) => (shown.after[metric] ?? shown.earlier[metric] ?? shown.before[metric]) !== undefined;
  const expected = useSession(({ data, card, opening }) =>
    expectedQuality(data?.summary.task ?? (card !== null && opening !== null ? 'classes' : 'none')),
  );
  const worth = [qualities.find(known) ?? expected, agreements.find(known) ?? 'agreement/top1'].filter(
    (metric) => metric !== undefined,
  );
  const all = [...worth, ...costs];
  return (
    <dl className="figures">
      {(rest ? all.slice(3) : all).map((metric) => (
        <FigureCard key={metric} metric={metric} shown={shown} />
      ))}
    </dl>
  );
}

/** What data with such answers will tell: its place is kept while it is not measured, so that no other figure moves. */
const expectedQuality = (task: DataSummary['task']): string | undefined =>
  task === 'classes' ? 'accuracy/top1' : task === 'values' ? 'accuracy/r2' : undefined;

function HeroSize({ shown, saving }: { readonly shown: Shown; readonly saving: boolean }) {
  const before = shown.before['size/gzip'];
  const after = shown.after['size/gzip'];
  if (before === undefined) return <div className="hero-size" />;
  const now = after ?? before;
  const { number, unit } = numbers.bytesReading(now.value);
  const estimated = after === undefined || after.how === 'estimated';
  const share = before.value > 0 ? now.value / before.value : 1;
  return (
    <div className="hero-size">
      <p className="hero-line">
        <span className="before" data-testid="hero-before" title={t('hero.before.help')}>
          {numbers.bytes(before.value)}
        </span>
        <Icon name="arrow" />
        <strong
          className="after"
          data-testid="hero-after"
          title={t('hero.after.help')}
          data-how={estimated ? 'estimated' : 'measured'}
        >
          {estimated && <span className="about">≈</span>}
          {number}
          <small>{`\u00a0${unit}`}</small>
        </strong>
      </p>
      <div className="size-bar" aria-hidden="true">
        <i style={{ inlineSize: `${Math.min(100, share * 100)}%` }} />
      </div>
      <div className="hero-foot">
        <p>
          <strong>{inWords(share)}</strong>
          <span title={t('hero.after.help')}>{t(estimated ? 'hero.estimated' : 'hero.measured')}</span>
        </p>
        <ActionButton action={saveCompressed} icon="download" label={t('hero.download')} kind="primary" enabled={!saving} />
      </div>
    </div>
  );
}

/** `17.9x smaller`, or in the other direction; nothing is called smaller that is within half a percent. */
export function inWords(share: number): string {
  if (share > 1.005) return t('hero.larger', { times: numbers.times(share) });
  if (share > 0.995) return t('hero.same');
  return t('hero.smaller', { times: numbers.times(1 / share) });
}
