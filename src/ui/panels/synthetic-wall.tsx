/** Without data: how often both models agree on synthetic input, and how much of each layer's weights the codes keep. */
import type { Report } from '../../engine/report.ts';
import { run } from '../actions/run.ts';
import { decimal, figure, interval } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { CutName } from '../parts/cut-name.tsx';
import { useExports } from '../state/exports.ts';
import { recipeKey, useRecipe } from '../state/recipe.ts';
import { runOf, useRuns } from '../state/runs.ts';
import { lightsLayer, selectLayer, useView } from '../state/view.ts';

/** Where a bar ends: a layer at 60 dB keeps its weights to a thousandth. */
const fullScale = 60;

export function SyntheticWall() {
  const key = useRecipe((state) => recipeKey(state.recipe));
  const found = useRuns((state) => runOf(state, key));
  const last = useRuns((state) => state.runs.at(-1));
  const running = useRuns((state) => state.running !== null);
  const saving = useExports((state) => state.busy !== null);
  const shown = found ?? last;
  return (
    <div className="synthetic">
      <p className="quiet-text">{t('data.none')}</p>
      {shown === undefined ? (
        <div className="synthetic-start">
          <p>{t(running ? 'wall.synthetic.running' : 'wall.synthetic.start')}</p>
          {!running && <ActionButton action={run} icon="run" label={t('wall.synthetic.compare')} enabled={!saving} />}
        </div>
      ) : (
        <Findings report={shown.report} stale={found === undefined} />
      )}
    </div>
  );
}

function Findings({ report, stale }: { readonly report: Report; readonly stale: boolean }) {
  const selected = useView((state) => state.layer);
  const lit = useView((state) => state.litLayer);
  const agreement = report.after['agreement/top1'];
  const stored = report.layers.filter((layer) => layer.parameters > 0);
  return (
    <>
      {agreement && (
        <p className="synthetic-agreement">
          <strong>{figure(agreement)}</strong> {t('wall.synthetic.agreement')}{' '}
          <small className="quiet-text">{interval(agreement)}</small>
        </p>
      )}
      <h3>
        {t('wall.synthetic.layers')} {stale && <small className="quiet-text">{t('figure.earlier')}</small>}
      </h3>
      <ul className="layer-bars" data-stale={stale}>
        {stored.map(({ name, sqnr }) => (
          <li key={name} data-lit={name === lit} {...lightsLayer(name)}>
            <button type="button" aria-pressed={name === selected} title={name} onClick={() => selectLayer(name)}>
              <CutName name={name} />
              <i aria-hidden="true">
                <b
                  style={{ inlineSize: `${sqnr === undefined ? 100 : Math.max(1, Math.min(100, (sqnr / fullScale) * 100))}%` }}
                />
              </i>
              <span className="number">{sqnr === undefined ? t('wall.synthetic.exact') : `${decimal(sqnr)}\u00a0dB`}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
