/** All runs: a dot each in accuracy × size. The same numbers stand as rows in the tab below. */
import { lazy, Suspense, useMemo } from 'react';
import type { Figures } from '../../engine/report.ts';
import type { Dot } from '../charts/runs-chart.tsx';
import { takeRun } from '../flows/run-list.ts';
import { takePoint } from '../flows/search.ts';
import { noteText } from '../i18n/engine-words.ts';
import { useLanguage } from '../i18n/language.ts';
import * as numbers from '../i18n/numbers.ts';
import { recipeWords } from '../i18n/recipe-words.ts';
import { t, tOr } from '../i18n/translate.ts';
import { EngineLine } from '../parts/engine-line.tsx';
import { useExports } from '../state/exports.ts';
import { originalFigures, qualityOfRuns } from '../state/figures.ts';
import { recipeKey, useRecipe } from '../state/recipe.ts';
import { type Run, runOf, runsStore, useRuns } from '../state/runs.ts';
import { useSearch } from '../state/search.ts';
import { view } from '../state/view.ts';

const RunsChart = lazy(() => import('../charts/runs-chart.tsx').then((module) => ({ default: module.RunsChart })));

/** Turns to the table of the same numbers; on a phone it stands in another part of the page. */
function showTable(): void {
  view.setState({ lower: 'runs', segment: 'layers' });
  requestAnimationFrame(() => document.getElementById('tab-runs')?.focus());
}

export function RunsPanel() {
  const runs = useRuns((state) => state.runs);
  const metric = qualityOfRuns(runs);
  const name = tOr(`metric.${metric}`, metric);
  return (
    <section className="runs" aria-labelledby="runs-title">
      <header className="panel-head">
        <h2 id="runs-title">{t('runs.title', { metric: name })}</h2>
        <span className="spacer" />
        {runs.length > 0 && (
          <button type="button" className="link" onClick={showTable}>
            {t('runs.as-table')}
          </button>
        )}
      </header>
      {runs.length === 0 ? (
        <p className="quiet-text">{t('runs.none')}</p>
      ) : (
        <RunsFigure runs={runs} metric={metric} name={name} />
      )}
      <RunNotes />
    </section>
  );
}

/** The caution of a run's notes that stands in the recipe, with its ways out. */
const saidInRecipe = 'fold-then-global-ranking';
/** What is true of TF.js alone. */
const ofTfjs = 'same-speed';

/** What the run of the recipe in view has to say about the whole model; what TF.js does matters to nobody who saves for TFLite. */
function RunNotes() {
  const key = useRecipe((state) => recipeKey(state.recipe));
  const notes = useRuns((state) => runOf(state, key)?.report.notes);
  const tflite = useExports((state) => state.format.startsWith('tflite'));
  const own = notes?.filter(({ layer, code }) => layer === '' && code !== saidInRecipe && !(tflite && code === ofTfjs)) ?? [];
  if (own.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className="run-notes" tabIndex={0} aria-label={t('runs.notes')}>
      {own.map((note) => (
        <p key={note.code} className="quiet-text">
          <EngineLine words={noteText(note)} />
        </p>
      ))}
    </section>
  );
}

function dotOf(figures: Figures, metric: string, rest: Omit<Dot, 'size' | 'quality' | 'unit'>): Dot | null {
  const [size, quality] = [figures['size/gzip'], figures[metric]];
  if (size === undefined || quality === undefined) return null;
  return { ...rest, size: size.value, quality: quality.value, unit: quality.unit };
}

function RunsFigure({ runs, metric, name }: { readonly runs: readonly Run[]; readonly metric: string; readonly name: string }) {
  const current = useRecipe((state) => recipeKey(state.recipe));
  const lit = useRuns((state) => state.lit);
  const points = useSearch((state) => state.points);
  const language = useLanguage((state) => state.language);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words of a dot are in the language in view
  const dots = useMemo(() => {
    const first = runs[0];
    const original = first && dotOf(originalFigures(first.report), metric, originalDot(lit === 0));
    const others = runs.map((run) =>
      dotOf(run.report.after, metric, {
        run: run.number,
        words: recipeWords(run.recipe),
        current: run.key === current,
        lit: run.number === lit,
      }),
    );
    const tried = points.flatMap(({ id, gzip, score, recipe }) => {
      const [size, quality, unit] = [gzip, score.value.value, score.value.unit];
      return original?.unit === unit && metric === metricOfScore[score.kind]
        ? [
            {
              run: -id,
              words: `${recipeWords(recipe)} · ${t('search.tried-on')}`,
              current: false,
              lit: -id === lit,
              size,
              quality,
              unit,
            },
          ]
        : [];
    });
    return [original ?? null, ...tried, ...others].filter((dot) => dot !== null);
  }, [runs, points, metric, current, lit, language]);
  const take = (number: number) => {
    if (number < 0) return takePoint(-number);
    const run = runs.find((one) => one.number === number);
    if (run !== undefined) takeRun(run);
  };
  const best = dots.at(-1);
  return (
    <figure className="runs-figure">
      <Suspense fallback={<div className="chart-space" />}>
        <RunsChart dots={dots} quality={name} onTake={take} onLight={(number) => runsStore.setState({ lit: number })} />
      </Suspense>
      <figcaption className="visually-hidden">
        {t('runs.summary', { n: runs.length, words: best?.words ?? '', size: numbers.bytes(best?.size ?? 0) })}
      </figcaption>
    </figure>
  );
}

/** The figure that a search's score stands for. */
const metricOfScore = { accuracy: 'accuracy/top1', agreement: 'agreement/top1', r2: 'accuracy/r2', closeness: '' } as const;

const originalDot = (lit: boolean) => ({ run: 0, words: t('words.original'), current: false, lit });
