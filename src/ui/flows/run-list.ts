/** What can be done with a finished run: its recipe put back, made the baseline of the others, or taken away. */
import { engine } from '../state/engine.ts';
import { commitRecipe } from '../state/recipe.ts';
import { type Run, runsStore, withoutRun, withRunBack } from '../state/runs.ts';
import { session } from '../state/session.ts';
import { toast } from '../state/toast.ts';

/** Puts the recipe of a run back, as an edit that can be undone. */
export const takeRun = (run: Run): void => commitRecipe(() => run.recipe);

/** Tells all runs against this one; the baseline itself gives way to the original. */
export const pinRun = (number: number): void => runsStore.setState(({ pinned }) => ({ pinned: pinned === number ? 0 : number }));

/** Takes a run away. Until the notice is gone it can be put back, and its model stays in the worker. */
export function deleteRun(run: Run, words: () => string): void {
  const before = runsStore.getState();
  const { model, data } = session.getState();
  const free = () => {
    if (run.handle !== null) void engine().close(run.handle);
  };
  runsStore.setState(withoutRun(before, run));
  toast({
    words,
    undo: () => {
      const opened = session.getState();
      // Runs belong to their model and data.
      const next = opened.model === model && opened.data === data ? withRunBack(runsStore.getState(), run, before) : null;
      if (next?.runs.includes(run)) runsStore.setState(next);
      else free();
    },
    settle: free,
  });
}
