/** The formats, one row each: what it is for and what it weighs, or why the result can't be had in it. */
import { problemText } from '../i18n/engine-words.ts';
import * as numbers from '../i18n/numbers.ts';
import { tOr } from '../i18n/translate.ts';
import { EngineLine } from '../parts/engine-line.tsx';
import { type ExportFormat, offeredFormats } from '../state/export-formats.ts';
import { exportsStore, figuresKey, useExports } from '../state/exports.ts';
import { type FormatFigures, figuresOfRun, joined, type Told } from '../state/format-figures.ts';
import { recipeKey, useRecipe } from '../state/recipe.ts';
import { runOf, useRuns } from '../state/runs.ts';
import { useSession } from '../state/session.ts';
import { exportWords } from './export-words.ts';
import { TfliteOptions } from './tflite-options.tsx';

/** What every format weighs for the recipe in view; null until its result has been run and weighed. */
export function useWeighed() {
  const weighed = useExports((state) => state.weighed);
  const key = useRecipe((state) => recipeKey(state.recipe));
  return weighed?.key === key ? weighed.formats : null;
}

export function FormatList() {
  const chosen = useExports((state) => state.format);
  const readFrom = useSession((state) => state.model?.summary.format);
  const weighed = useWeighed();
  const figuresOf = useFigures(weighed);
  const best = recommended(weighed);
  return (
    <fieldset className="formats">
      <legend className="visually-hidden">{exportWords('group')}</legend>
      {offeredFormats(readFrom).map(({ id }) => {
        const figure = weighed?.get(id);
        return (
          <div key={id} className="format" data-chosen={id === chosen || undefined}>
            <label>
              <input type="radio" name="format" checked={id === chosen} onChange={() => exportsStore.setState({ format: id })} />
              <span>
                <span translate="no">{exportWords(id)}</span>{' '}
                {id === best && <span className="purpose">{exportWords('recommended')}</span>}
                <small>
                  {figure !== undefined && 'refused' in figure ? (
                    <EngineLine words={problemText(figure.refused, 'title')} />
                  ) : (
                    exportWords(`${id}.help`)
                  )}
                </small>
                {id === best && <small>{exportWords(best === 'tflite-int8' ? 'recommended.int8' : 'recommended.dynamic')}</small>}
                {(figure === undefined || !('refused' in figure)) && <Figures of={figuresOf(id)} />}
              </span>
            </label>
            <span className="format-bytes">
              {figure === undefined ? '' : 'refused' in figure ? '–' : numbers.bytes(figure.bytes)}
            </span>
            {id === chosen && id.startsWith('tflite') && (
              <TfliteOptions format={id} losses={figure !== undefined && !('refused' in figure) ? figure.losses : []} />
            )}
          </div>
        );
      })}
    </fieldset>
  );
}

/** What is known of the result in view in each format. */
function useFigures(weighed: ReturnType<typeof useWeighed>): (id: ExportFormat) => FormatFigures {
  const known = useExports((state) => state.known);
  const key = useRecipe((state) => recipeKey(state.recipe));
  const report = useRuns((state) => runOf(state, key)?.report);
  return (id) => joined(report && figuresOfRun(id, report, weighed?.get(id)), known.get(figuresKey(key, id)));
}

function Figures({ of: { quality, latency } }: { readonly of: FormatFigures }) {
  const all: readonly (readonly [string, Told])[] = [
    ...(quality ? [[tOr(`metric.${quality.metric}`, quality.metric), quality] as const] : []),
    ...(latency ? [[exportWords('latency'), latency] as const] : []),
  ];
  if (all.length === 0) return null;
  return (
    <small className="format-figures">
      {all.map(([name, told]) => {
        const { measured, from } = told;
        return (
          <span key={name} title={sourceWords(measured, from)}>
            {name} <b>{numbers.figure(measured)}</b> {exportWords(`from.${from}`)}
            {told === quality && measured.n !== undefined && ` (${exportWords('from.n', { n: numbers.count(measured.n) })})`}
          </span>
        );
      })}
    </small>
  );
}

/** Where a figure comes from, for whoever points at it. */
function sourceWords({ on }: Told['measured'], from: Told['from']): string {
  return [exportWords(`from.${from}.help`), on ?? ''].filter((part) => part !== '').join(' · ');
}

/** The format for devices: integers where they can be calibrated, else integers for the weights alone. */
function recommended(weighed: ReturnType<typeof useWeighed>): ExportFormat | null {
  const can = (id: ExportFormat): boolean => {
    const figure = weighed?.get(id);
    return figure !== undefined && !('refused' in figure);
  };
  if (can('tflite-int8')) return 'tflite-int8';
  return can('tflite-dynamic') ? 'tflite-dynamic' : null;
}
