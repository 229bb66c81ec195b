/** A failure in its place: what happened, why, what to do, its code, and details to copy. */
import { problemText } from '../i18n/engine-words.ts';
import { t } from '../i18n/translate.ts';
import { clearProblem, type Place, useProblems } from '../state/problems.ts';
import { CopyButton } from './copy-button.tsx';
import { EngineLine } from './engine-line.tsx';
import { Icon } from './icon.tsx';

export function ProblemNote({ place }: { readonly place: Place }) {
  const problem = useProblems((state) => state[place]);
  if (problem === undefined) return null;
  const { remedy, ...fields } = problem;
  return (
    <div className="problem" role="alert" data-code={problem.code}>
      <Icon name="warning" />
      <div>
        <p className="problem-title">
          <EngineLine words={problemText(problem, 'title')} />
        </p>
        {problem.detail !== '' && (
          <p>
            <EngineLine words={problemText(problem, 'detail')} />
          </p>
        )}
        {problem.hint !== '' && (
          <p className="problem-hint">
            <EngineLine words={problemText(problem, 'hint')} />
          </p>
        )}
        <p className="problem-actions">
          {remedy && (
            <button type="button" className="button plain" onClick={remedy.perform}>
              {remedy.label()}
            </button>
          )}
          <CopyButton label={t('problem.copy')} text={() => JSON.stringify(fields, null, 2)} />
          <code>{problem.code}</code>
        </p>
      </div>
      <button type="button" className="button icon" aria-label={t('problem.dismiss')} onClick={() => clearProblem(place)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
