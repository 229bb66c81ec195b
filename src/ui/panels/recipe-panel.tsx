/** The recipe: its steps as cards in the order they run, and the way to add one. */

import { allTechniques } from '../../engine/techniques/index.ts';
import { cancel } from '../actions/cancel.ts';
import { run } from '../actions/run.ts';
import { runsByItself } from '../flows/run.ts';
import { repair } from '../flows/training.ts';
import { trains } from '../flows/training-data.ts';
import { t, tOr } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { lazyPart } from '../parts/lazy-part.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useExports } from '../state/exports.ts';
import { commitRecipe, useRecipe } from '../state/recipe.ts';
import { addStep } from '../state/recipe-edits.ts';
import { useRuns } from '../state/runs.ts';
import { useSession } from '../state/session.ts';
import { SearchPanel } from './search-panel.tsx';
import { ShareMenu } from './share-menu.tsx';
import { StepCard } from './step-card.tsx';

/** While it is loaded, its room is kept. */
const RecipeStart = lazyPart(
  () => import('./recipe-start.tsx').then((module) => module.RecipeStart),
  <div className="presets-space" />,
);

export function RecipePanel() {
  const steps = useRecipe((state) => state.recipe.steps);
  return (
    <section className="recipe" aria-labelledby="recipe-title">
      <header className="panel-head">
        <h2 id="recipe-title">{t('recipe.title')}</h2>
        <span className="spacer" />
        <ShareMenu />
      </header>
      <RecipeStart />
      <ProblemNote place="link" />
      <ProblemNote place="recipe" />
      {steps.length === 0 && <p className="quiet-text">{t('recipe.empty')}</p>}
      <ol className="steps">
        {steps.map((step, index) => (
          // Steps have no identity of their own: the place in the order is what a card edits.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <StepCard key={index} step={step} index={index} last={index === steps.length - 1} />
        ))}
      </ol>
      <div className="add-line">
        <AddStep />
        <Repair />
      </div>
      <SearchPanel />
    </section>
  );
}

/** One click where a compressed model lost accuracy. */
function Repair() {
  const learns = useRecipe((state) => trains(state.committed));
  const touched = useRecipe((state) => state.committed.steps.length > 0);
  const off = useSession((state) => state.model === null || state.data === null);
  if (learns || !touched || off) return null;
  return (
    <button type="button" className="button plain" title={t('recipe.repair.help')} onClick={repair}>
      {t('recipe.repair')}
    </button>
  );
}

function AddStep() {
  const off = useSession((state) => state.model === null);
  return (
    <label className="add-step">
      <span className="visually-hidden">{t('recipe.add')}</span>
      <select
        value=""
        disabled={off}
        onChange={(event) => {
          const use = event.currentTarget.value;
          if (use !== '') commitRecipe(addStep({ use }));
        }}
      >
        <option value="">{t('recipe.add')}</option>
        {allTechniques.map((technique) => (
          <option key={technique.id} value={technique.id}>
            {tOr(`technique.${technique.id}`, technique.title)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The button that runs the recipe, below the column that scrolls. */
export function RunLine() {
  const model = useSession((state) => state.model);
  const hasData = useSession((state) => state.data !== null);
  const saving = useExports((state) => state.busy !== null);
  const running = useRuns((state) => state.running !== null);
  const learns = useRecipe((state) => trains(state.committed));
  const large = hasData ? 'recipe.run-large' : 'recipe.run-no-data';
  const words = model === null ? '' : t(learns ? 'recipe.run-trains' : runsByItself() ? 'recipe.runs-itself' : large);
  return (
    <div className="run-line">
      {running ? (
        <ActionButton action={cancel} icon="stop" enabled />
      ) : (
        <ActionButton action={run} icon="run" enabled={model !== null && !saving} />
      )}
      <p className="quiet-text">{words}</p>
      <ProblemNote place="run" />
    </div>
  );
}
