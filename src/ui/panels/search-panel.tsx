/** The one button: a goal in a line, and once it is reached three picks and the limit that stopped the search. */
import { startSearch, takePoint } from '../flows/search.ts';
import { engineText } from '../i18n/engine-words.ts';
import * as numbers from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { EngineLine } from '../parts/engine-line.tsx';
import { useExports } from '../state/exports.ts';
import { recipeKey, useRecipe } from '../state/recipe.ts';
import { searchStore, useSearch } from '../state/search.ts';
import { useSession } from '../state/session.ts';

export function SearchPanel() {
  const { kind, drop, kilobytes, running } = useSearch((state) => state);
  const off = useSession((state) => state.model === null);
  const saving = useExports((state) => state.busy !== null);
  const byLoss = kind === 'accuracy';
  return (
    <section className="search" aria-label={t('search.title')}>
      <p className="quiet-text">{t('search.lead')}</p>
      <form
        className="search-line"
        onSubmit={(event) => {
          event.preventDefault();
          void startSearch();
        }}
      >
        <select
          aria-label={t('search.goal')}
          value={kind}
          onChange={(event) => searchStore.setState({ kind: event.currentTarget.value === 'size' ? 'size' : 'accuracy' })}
        >
          <option value="accuracy">{t('search.goal.accuracy')}</option>
          <option value="size">{t('search.goal.size')}</option>
        </select>
        <input
          type="number"
          aria-label={t(byLoss ? 'search.drop' : 'search.size')}
          min={byLoss ? 0 : 1}
          max={byLoss ? 50 : 1_000_000}
          step={byLoss ? 0.1 : 'any'}
          required
          value={byLoss ? drop : kilobytes}
          onChange={(event) => {
            const value = event.currentTarget.valueAsNumber;
            if (Number.isFinite(value)) searchStore.setState(byLoss ? { drop: value } : { kilobytes: value });
          }}
        />
        <span className="quiet-text">{t(byLoss ? 'search.points' : 'search.kilobytes')}</span>
        {running === null ? (
          <button type="submit" className="button plain" disabled={off || saving}>
            {t('search.start')}
          </button>
        ) : (
          <button type="button" className="button plain" onClick={running.cancel}>
            {t('action.cancel')}
          </button>
        )}
      </form>
      <Found />
    </section>
  );
}

function Found() {
  const result = useSearch((state) => state.result);
  const points = useSearch((state) => state.points);
  const running = useSearch((state) => state.running !== null);
  const current = useRecipe((state) => recipeKey(state.recipe));
  if (running) return <p className="quiet-text">{t('search.tried', { n: points.length })}</p>;
  if (result === null) return null;
  const { quality, balanced, compact } = result.picks;
  const picks = [
    ['quality', quality],
    ['balanced', balanced],
    ['compact', compact],
  ] as const;
  return (
    <>
      <div className="picks">
        {picks.map(([name, id]) => {
          const point = points.find((one) => one.id === id);
          if (point === undefined) return null;
          return (
            <button
              key={name}
              type="button"
              className="pick"
              aria-pressed={recipeKey(point.recipe) === current}
              onClick={() => takePoint(id)}
            >
              <strong>{t(`search.pick.${name}`)}</strong>
              <span>{numbers.bytes(point.gzip)}</span>
              <span>{numbers.figure(point.score.value)}</span>
            </button>
          );
        })}
      </div>
      <p className="quiet-text">
        <EngineLine words={engineText(result.stoppedBy.text)} />
      </p>
      {points.length > 0 && (
        <p className="quiet-text">
          {t(result.synthetic ? 'search.synthetic' : 'search.samples', { n: numbers.count(result.samples) })}
        </p>
      )}
    </>
  );
}
