/** Where the error comes in: the chart along the net, the layer under the glass, and what can be done about it. */
import { useState } from 'react';
import type { ErrorPath, LayerError } from '../../engine/analysis/error-path.ts';
import type { LayerSummary } from '../../workers/api.ts';
import { ErrorPathChart, noiseWords, sqnrWords } from '../charts/error-path-chart.tsx';
import { decimal } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { commitRecipe, useRecipe } from '../state/recipe.ts';
import { exceptEverywhere, setOverride } from '../state/recipe-edits.ts';
import { useSession } from '../state/session.ts';
import { selectLayer, useView } from '../state/view.ts';
import { moreBits, stepsOn } from '../state/why-edits.ts';
import { whyWords } from './why-words.ts';

interface Props {
  readonly found: ErrorPath;
  readonly stale: boolean;
}

export function WhyPath({ found, stale }: Props) {
  const [asTable, setAsTable] = useState(false);
  const selected = useView((state) => state.layer);
  const summary = useSession((state) => state.model?.summary.layers) ?? [];
  const { layers, culprit, samples, synthetic, skipped } = found;
  const [first] = useState(selected);
  const [touched, setTouched] = useState(false);
  const choose = (layer: string) => {
    setTouched(true);
    selectLayer(layer);
  };
  // Until somebody chooses a layer, here or elsewhere, the culprit is looked at.
  const wanted = touched || selected !== first ? selected : culprit;
  const shown = layers.find(({ layer }) => layer === wanted) ?? layers.find(({ layer }) => layer === culprit);
  const weighted = new Set(summary.filter(({ parameters }) => parameters > 0).map(({ name }) => name));
  if (found.whole) return <p className="why-words">{whyWords('path.whole')}</p>;
  return (
    <section className="why-path" data-stale={stale} aria-labelledby="why-path-title">
      <header className="panel-head">
        <h3 id="why-path-title">{whyWords('path')}</h3>
        <span className="spacer" />
        <button type="button" className="link" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {whyWords(asTable ? 'chart' : 'table')}
        </button>
      </header>
      <p className="why-words" data-testid="why-culprit">
        {culprit === null ? whyWords('culprit.none') : whyWords('culprit', { layer: culprit })}{' '}
        <span className="quiet-text">
          {whyWords(synthetic ? 'path.synthetic' : 'path.samples', { n: samples })}
          {skipped.length > 0 && ` ${whyWords('path.skipped', { n: skipped.length })}`}
        </span>
      </p>
      {asTable ? (
        <PathTable layers={layers} culprit={culprit} shown={shown?.layer} onChoose={choose} />
      ) : (
        <figure>
          <ErrorPathChart layers={layers} weighted={weighted} culprit={culprit} shown={shown?.layer ?? null} onChoose={choose} />
          <figcaption className="keys quiet-text" aria-hidden="true">
            <span className="key compressed">{whyWords('path.line')}</span>
            <span className="key noise">{whyWords('path.bars')}</span>
          </figcaption>
        </figure>
      )}
      {shown && <Shown error={shown} layer={summary.find(({ name }) => name === shown.layer)} />}
    </section>
  );
}

/** One layer's figures and its remedies; the inspector beside shows its weights. */
function Shown({ error, layer }: { readonly error: LayerError; readonly layer: LayerSummary | undefined }) {
  const recipe = useRecipe((state) => state.recipe);
  const more = layer && moreBits(recipe, layer);
  return (
    <div className="why-layer">
      <p>
        <strong translate="no">{error.layer}</strong> <span translate="no">{error.op}</span> ·{' '}
        <span title={whyWords('sqnr.help')}>{sqnrWords(error.sqnr)}</span>
        {error.cosine !== null && (
          <span title={whyWords('cosine.help')}>
            {' '}
            · {whyWords('cosine')} {cosineWords(error.cosine)}
          </span>
        )}
        {error.added > 0 && (
          <span title={whyWords('noise.help')}> · {whyWords('noise.added', { share: noiseWords(error.added) })}</span>
        )}
      </p>
      {layer !== undefined && layer.parameters > 0 && recipe.steps.length > 0 && (
        <p className="why-remedies">
          {stepsOn(recipe, layer).length === 0 ? (
            <span className="quiet-text">{whyWords('left-out')}</span>
          ) : (
            <button
              type="button"
              className="button plain"
              title={whyWords('leave-out.help')}
              onClick={() => commitRecipe(exceptEverywhere(layer.name))}
            >
              {whyWords('leave-out')}
            </button>
          )}
          {more && (
            <button
              type="button"
              className="button plain"
              title={whyWords('bits.own')}
              onClick={() => commitRecipe(setOverride(more.index, layer.name, 'bits', more.bits))}
            >
              {whyWords('bits', { n: more.bits })}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

/** As many digits as tell it from one. */
const cosineWords = (cosine: number): string => (cosine > 0.9995 && cosine < 1 ? cosine.toFixed(6) : decimal(cosine));

interface TableProps extends Pick<ErrorPath, 'layers' | 'culprit'> {
  readonly shown: string | undefined;
  readonly onChoose: (layer: string) => void;
}

function PathTable({ layers, culprit, shown, onChoose }: TableProps) {
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{whyWords('layer')}</th>
            <th scope="col" className="number" title={whyWords('sqnr.help')}>
              {whyWords('sqnr')}
            </th>
            <th scope="col" className="number" title={whyWords('cosine.help')}>
              {whyWords('cosine')}
            </th>
            <th scope="col" className="number" title={whyWords('noise.help')}>
              {whyWords('noise')}
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ layer, sqnr, cosine, added }) => (
            <tr key={layer} data-culprit={layer === culprit}>
              <th scope="row">
                <button
                  type="button"
                  className="link"
                  translate="no"
                  aria-pressed={layer === shown}
                  onClick={() => onChoose(layer)}
                >
                  {layer}
                </button>
              </th>
              <td className="number">{sqnrWords(sqnr)}</td>
              <td className="number">{cosine === null ? t('figure.none') : cosineWords(cosine)}</td>
              <td className="number">{noiseWords(added)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
