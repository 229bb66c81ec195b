/** One layer under the glass: its figures, the distribution of a stored tensor before and after, and what the recipe does to it. */
import { useEffect, useState } from 'react';
import type { LayerSummary } from '../../workers/api.ts';
import { WeightHistogram } from '../charts/weight-histogram.tsx';
import { showHistogram, useHistogram } from '../flows/histogram.ts';
import { engineText } from '../i18n/engine-words.ts';
import * as numbers from '../i18n/numbers.ts';
import { t, tOr } from '../i18n/translate.ts';
import { lazyPart } from '../parts/lazy-part.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useRecipe } from '../state/recipe.ts';
import { useSession } from '../state/session.ts';
import { useTraining } from '../state/training.ts';
import { useLayerRows, useShown } from '../state/use-shown.ts';
import { selectLayer, useView } from '../state/view.ts';
import { Coupling } from './coupling.tsx';
import { LayerSteps } from './layer-steps.tsx';

const LayerRanges = lazyPart(() => import('./step-ranges.tsx').then((module) => module.LayerRanges));

export function Inspector() {
  const layers = useSession((state) => state.model?.summary.layers);
  const selected = useView((state) => state.layer);
  const layer = layers?.find((one) => one.name === selected);
  return (
    <section className="inspector" aria-labelledby="inspector-title">
      <header className="panel-head">
        <h2 id="inspector-title">{t('inspector.title')}</h2>
        <span className="spacer" />
        {layers && (
          <label>
            <span className="visually-hidden">{t('inspector.choose')}</span>
            <select
              className="layer-choice"
              translate="no"
              value={selected ?? ''}
              onChange={(event) => selectLayer(event.currentTarget.value)}
            >
              {selected === null && <option value="" />}
              {layers.map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
            </select>
          </label>
        )}
      </header>
      {layer === undefined ? <p className="quiet-text">{t('inspector.none')}</p> : <Layer key={layer.name} layer={layer} />}
    </section>
  );
}

function Layer({ layer }: { readonly layer: LayerSummary }) {
  const row = useLayerRows().find((one) => one.name === layer.name);
  const calibrated = useShown()?.report?.ranges !== undefined;
  const hasKernel = layer.weights.some((weight) => weight.kind === 'kernel');
  return (
    <>
      <p className="layer-line">
        <strong translate="no">{layer.op}</strong> → {numbers.shape(layer.shape)}
        {row !== undefined && layer.parameters > 0 && (
          <>
            {' · '}
            {numbers.bytes(row.payloadBefore)} →{' '}
            {row.payloadAfter === undefined ? t('figure.none') : numbers.bytes(row.payloadAfter)}
            {row.sqnr !== undefined && ` · ${numbers.decimal(row.sqnr)}\u00a0dB`}
          </>
        )}
      </p>
      {layer.weights.length === 0 ? <p className="quiet-text">{t('inspector.no-weights')}</p> : <Weights layer={layer} />}
      {calibrated && <LayerRanges layer={layer.name} />}
      <ProblemNote place="layer" />
      {row?.notes.map(engineText).map(({ text, foreign }) => (
        <p key={text} className="quiet-text" lang={foreign}>
          {text}
        </p>
      ))}
      {hasKernel && <LayerSteps layer={layer.name} />}
      <Coupling layer={layer.name} />
    </>
  );
}

function Weights({ layer }: { readonly layer: LayerSummary }) {
  const [chosen, choose] = useState(layer.weights[0]?.id ?? '');
  const recipe = useRecipe((state) => state.recipe);
  const model = useSession((state) => state.model?.handle);
  const trained = useTraining((state) => state.finished);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was trained since changes the picture of the same recipe
  useEffect(() => {
    if (model !== undefined) showHistogram({ weight: chosen, recipe });
  }, [chosen, recipe, model, trained]);
  const histogram = useHistogram((state) => (state.of?.weight === chosen && state.of.model === model ? state.histogram : null));
  return (
    <>
      {layer.weights.length > 1 && (
        <fieldset className="tabs" aria-label={t('inspector.tensor')}>
          {layer.weights.map((weight) => (
            <button
              key={weight.id}
              type="button"
              aria-pressed={weight.id === chosen}
              title={`${weight.id} · ${numbers.shape(weight.shape)}`}
              onClick={() => choose(weight.id)}
            >
              {tOr(`role.${weight.role}`, weight.role)}
            </button>
          ))}
        </fieldset>
      )}
      {histogram === null ? <div className="histogram-space" /> : <WeightHistogram histogram={histogram} weight={chosen} />}
    </>
  );
}
