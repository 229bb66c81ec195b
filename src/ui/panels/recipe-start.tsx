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

const cautions: ReadonlySet<string> = new Set(['fold-then-global-ranking', 'emptied-by-ranking']);

/** Kernels of different scale that are ranked together: known before anything is run. */
function Caution() {
  const note = useSizes((state) => state.estimate?.notes.find(({ code }) => cautions.has(code)));
  const steps = useRecipe((state) => state.recipe.steps);
  const pruned = steps.findIndex(
    ({ use, ranking }) => use === 'prune/magnitude' && ranking !== 'layer' && ranking !== 'adaptive',
  );
  const folded = steps.findIndex(({ use }) => use === 'fold/batch-norm');
  if (note === undefined || pruned < 0) return null;
  return (
    <div className="caution" role="status">
      <Icon name="warning" />
      <p>
        <EngineLine words={noteText(note)} />
        <span className="caution-ways">
          <button type="button" className="link" onClick={() => commitRecipe(setParam(pruned, 'ranking', 'adaptive'))}>
            {startWords('caution.layer')}
          </button>
          {folded >= 0 && (
            <button type="button" className="link" onClick={() => commitRecipe(removeStep(folded))}>
              {startWords('caution.unfold')}
            </button>
          )}
        </span>
      </p>
    </div>
  );
}
