/** See why: where the error of the result in view comes in, and which answers it changed, each in the view that suits the task. */
import { useEffect } from 'react';
import { followWhy, measureWhy } from '../flows/why.ts';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useExports } from '../state/exports.ts';
import { recipeKey, useRecipe } from '../state/recipe.ts';
import { useRuns } from '../state/runs.ts';
import { useSearch } from '../state/search.ts';
import { useSession } from '../state/session.ts';
import { type FoundAnswers, type Subject, sameSubject, useWhy } from '../state/why.ts';
import { WhyClasses } from './why-classes.tsx';
import { WhyPath } from './why-path.tsx';
import { WhyPictures } from './why-pictures.tsx';
import { WhyValues } from './why-values.tsx';
import { whyWords } from './why-words.ts';
import '../styles/why.css';

export function WhyPanel() {
  const model = useSession((state) => state.model);
  const data = useSession((state) => state.data);
  const key = useRecipe((state) => recipeKey(state.recipe));
  const { path, answers } = useWhy((state) => state);
  useEffect(followWhy, []);
  if (model === null) return <p className="why-empty quiet-text">{whyWords('no-model')}</p>;
  const of: Subject = { model, data, key };
  return (
    // A region that scrolls must be reachable by keyboard; the chart and the buttons in it make it so.
    <section className="why" aria-labelledby="why-title">
      <h2 id="why-title" className="visually-hidden">
        {whyWords('title')}
      </h2>
      <ProblemNote place="why" />
      <Standing of={of} />
      {path !== null && <WhyPath found={path.path} stale={!sameSubject(path.of, of)} />}
      {answers !== null && <WhyAnswers key={answers.of.data?.handle} found={answers} stale={!sameSubject(answers.of, of)} />}
    </section>
  );
}

/** Before the first finding, and where one is only made when it is asked for. */
function Standing({ of }: { readonly of: Subject }) {
  const { path, answers, running } = useWhy((state) => state);
  const busy = useRuns((state) => state.running !== null);
  const searching = useSearch((state) => state.running !== null);
  const saving = useExports((state) => state.busy !== null);
  if (sameSubject(path?.of, of) && sameSubject(answers?.of, of)) return null;
  if (running !== null || busy || searching || saving) {
    return path === null || answers === null ? <p className="why-standing quiet-text">{whyWords('measuring')}</p> : null;
  }
  return (
    <p className="why-standing">
      <button type="button" className="button plain" onClick={() => void measureWhy()}>
        {whyWords('measure')}
      </button>
      <span className="quiet-text">{whyWords(path === null ? 'intro' : 'earlier')}</span>
    </p>
  );
}

export interface AnswersProps<View> {
  readonly view: View;
  readonly found: FoundAnswers;
  readonly classNames: readonly string[];
  readonly stale: boolean;
}

function WhyAnswers({ found, stale }: { readonly found: FoundAnswers; readonly stale: boolean }) {
  const { view } = found;
  const props = { found, stale, classNames: found.of.data?.summary.classNames ?? [] };
  if (view.kind === 'classes') return <WhyClasses {...props} view={view} />;
  return view.kind === 'values' ? <WhyValues {...props} view={view} /> : <WhyPictures {...props} view={view} />;
}
