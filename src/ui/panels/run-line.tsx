/** The button that runs the recipe, below the column that scrolls. */
import { trains } from '../../engine/techniques/trains.ts';
import { cancel } from '../actions/cancel.ts';
import { run } from '../actions/run.ts';
import { runsByItself } from '../flows/run.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useExports } from '../state/exports.ts';
import { useRecipe } from '../state/recipe.ts';
import { useRuns } from '../state/runs.ts';
import { useSession } from '../state/session.ts';

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
