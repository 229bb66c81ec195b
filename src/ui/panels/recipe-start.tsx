/** Recipes to start from, the one in view marked; and a caution about steps that do harm together, with its ways out. */
import { presets } from '../../engine/presets.ts';
import { noteText } from '../i18n/engine-words.ts';
import { EngineLine } from '../parts/engine-line.tsx';
import { Icon } from '../parts/icon.tsx';
import { useSizes } from '../state/figures.ts';
import { commitRecipe, useRecipe } from '../state/recipe.ts';
import { removeStep, setParam } from '../state/recipe-edits.ts';
import { useSession } from '../state/session.ts';
import { startWords } from './recipe-start-words.ts';

export function RecipeStart() {
  const steps = useRecipe((state) => JSON.stringify(state.recipe.steps));
  const off = useSession((state) => state.model === null);
  return (
    <>
      <fieldset className="presets" disabled={off}>
        <legend className="quiet-text">{startWords('title')}</legend>
        {presets.map(({ id, recipe }) => (
          <button
            key={id}
            type="button"
            className="chip"
            title={startWords(`${id}.help`)}
            aria-pressed={JSON.stringify(recipe.steps) === steps}
            onClick={() => commitRecipe((now) => ({ ...now, steps: recipe.steps }))}
          >
            {startWords(id)}
          </button>
        ))}
      </fieldset>
      <Caution />
    </>
  );
}

/** Kernels that were folded and are then ranked together: known before anything is run. */
function Caution() {
  const note = useSizes((state) => state.estimate?.notes.find(({ code }) => code === 'fold-then-global-ranking'));
  const steps = useRecipe((state) => state.recipe.steps);
  const pruned = steps.findIndex(({ use, ranking }) => use === 'prune/magnitude' && ranking !== 'layer');
  const folded = steps.findIndex(({ use }) => use === 'fold/batch-norm');
  if (note === undefined || pruned < 0 || folded < 0) return null;
  return (
    <div className="caution" role="status">
      <Icon name="warning" />
      <p>
        <EngineLine words={noteText(note)} />
        <span className="caution-ways">
          <button type="button" className="link" onClick={() => commitRecipe(setParam(pruned, 'ranking', 'layer'))}>
            {startWords('caution.layer')}
          </button>
          <button type="button" className="link" onClick={() => commitRecipe(removeStep(folded))}>
            {startWords('caution.unfold')}
          </button>
        </span>
      </p>
    </div>
  );
}
