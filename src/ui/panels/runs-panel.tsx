/** All runs: a dot each in accuracy × size, and the same numbers as a table. */
import { lazy, Suspense, useMemo, useState } from 'react';
import type { Figures } from '../../engine/report.ts';
import type { Dot } from '../charts/runs-chart.tsx';
import { takePoint } from '../flows/search.ts';
import { noteText } from '../i18n/engine-words.ts';
import { useLanguage } from '../i18n/language.ts';
import * as numbers from '../i18n/numbers.ts';
import { recipeWords } from '../i18n/recipe-words.ts';
import { t, tOr } from '../i18n/translate.ts';
import { EngineLine } from '../parts/engine-line.tsx';
import { qualityMetrics } from '../state/figures.ts';
import { commitRecipe, recipeKey, useRecipe } from '../state/recipe.ts';
import { type Run, runOf, runsStore, useRuns } from '../state/runs.ts';
import { useSearch } from '../state/search.ts';

const RunsChart = lazy(() => import('../charts/runs-chart.tsx').then((module) => ({ default: module.RunsChart })));

/** Puts the recipe of a run back, as an edit that can be undone. */
function takeRun(run: Run): void {
  commitRecipe(() => run.recipe);
}

export function RunsPanel() {
  const runs = useRuns((state) => state.runs);
  const [asTable, setAsTable] = useState(false);
  const metric = metricOf(runs);
  const name = tOr(`metric.${metric}`, metric);
  return (
    <section className="runs" aria-labelledby="runs-title">
      <header className="panel-head">
        <h2 id="runs-title">{t('runs.title', { metric: name })}</h2>
        <span className="spacer" />
        {runs.length > 0 && (
          <button type="button" className="link" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {t(asTable ? 'runs.as-chart' : 'runs.as-table')}
          </button>
        )}
      </header>
      {runs.length === 0 ? (
        <p className="quiet-text">{t('runs.none')}</p>
      ) : asTable ? (
        <RunsTable runs={runs} metric={metric} />
      ) : (
        <RunsFigure runs={runs} metric={metric} name={name} />
      )}
      <RunNotes />
    </section>
  );
}

/** What the run of the recipe in view has to say about the whole model. */
function RunNotes() {
  const key = useRecipe((state) => recipeKey(state.recipe));
  const notes = useRuns((state) => runOf(state, key)?.report.notes);
  return notes
    ?.filter((note) => note.layer === '')
    .map((note) => (
      <p key={note.code} className="quiet-text">
        <EngineLine words={noteText(note)} />
      </p>
    ));
}

/** The quality that every run knows; runs without data know the agreement. */
function metricOf(runs: readonly Run[]): string {
  return qualityMetrics.find((metric) => runs.some((run) => run.report.after[metric] !== undefined)) ?? 'accuracy/top1';
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
    const original = first && dotOf({ 'agreement/top1': whole, ...first.report.before }, metric, originalDot());
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

/** The original agrees with itself on everything. */
const whole = { value: 1, unit: 'fraction', how: 'measured' } as const;
const originalDot = () => ({ run: 0, words: t('words.original'), current: false, lit: false });

function RunsTable({ runs, metric }: { readonly runs: readonly Run[]; readonly metric: string }) {
  const current = useRecipe((state) => recipeKey(state.recipe));
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{t('runs.number')}</th>
            <th scope="col">{t('runs.recipe')}</th>
            <th scope="col" className="number">
              {t('metric.size/gzip')}
            </th>
            <th scope="col" className="number">
              {tOr(`metric.${metric}`, metric)}
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr
              key={run.number}
              aria-current={run.key === current || undefined}
              onPointerEnter={() => runsStore.setState({ lit: run.number })}
              onPointerLeave={() => runsStore.setState({ lit: null })}
            >
              <td>{run.number}</td>
              <th scope="row">
                <button type="button" className="link" title={t('runs.use')} onClick={() => takeRun(run)}>
                  {recipeWords(run.recipe)}
                </button>
              </th>
              <Cell figures={run.report.after} metric="size/gzip" />
              <Cell figures={run.report.after} metric={metric} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ figures, metric }: { readonly figures: Figures; readonly metric: string }) {
  const measured = figures[metric];
  return <td className="number">{measured === undefined ? t('figure.none') : numbers.figure(measured)}</td>;
}
