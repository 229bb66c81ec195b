/** The recipe: its steps as cards in the order they run, and the way to add one. */

import { allTechniques } from '../../engine/techniques/index.ts';
import { needsLayers } from '../../engine/techniques/needs-layers.ts';
import { trains } from '../../engine/techniques/trains.ts';
import { repair } from '../flows/training.ts';
import { t, tOr } from '../i18n/translate.ts';
import { lazyPart } from '../parts/lazy-part.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { commitRecipe, useRecipe } from '../state/recipe.ts';
import { addStep } from '../state/recipe-edits.ts';
import { useSession } from '../state/session.ts';
import { ShareMenu } from './share-menu.tsx';
import { StepCard } from './step-card.tsx';

/** While it is loaded, its room is kept. */
const SearchPanel = lazyPart(
  () => import('./search-panel.tsx').then((module) => module.SearchPanel),
  <div className="search-space" />,
);
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
      <SearchPanel />
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
  const graph = useSession((state) => state.model?.summary.format === 'tfjs-graph');
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
          <option key={technique.id} value={technique.id} disabled={graph && needsLayers(technique)}>
            {tOr(`technique.${technique.id}`, technique.title)}
            {graph && needsLayers(technique) && ` ${t('recipe.needs-layers')}`}
          </option>
        ))}
      </select>
    </label>
  );
}
