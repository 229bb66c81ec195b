/** Simulation against deployment, class by class: those that differ first, all of them on demand. */
import { useState } from 'react';
import type { Deployed } from '../../workers/api.ts';
import * as numbers from '../i18n/numbers.ts';
import { answerName } from '../i18n/wall-words.ts';
import { Scroller } from '../parts/scroller.tsx';
import { useSession } from '../state/session.ts';
import { savedWords } from './saved-words.ts';

const none: readonly string[] = [];

export function ClassAgreement({ classes }: { readonly classes: Deployed['classes'] }) {
  const names = useSession((state) => state.data?.summary.classNames ?? none);
  const [all, setAll] = useState(false);
  const differing = classes.filter(({ samples, same }) => same < samples);
  const shown = all ? classes : differing.toSorted((a, b) => a.same / a.samples - b.same / b.samples);
  const known = classes.some(({ right }) => right !== null);
  return (
    <div className="class-agreement">
      <p>
        {differing.length === 0
          ? savedWords('classes.alike', { n: classes.length })
          : savedWords('classes.differ', { n: differing.length, all: classes.length })}{' '}
        {differing.length < classes.length && (
          <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {savedWords(all ? 'classes.fewer' : 'classes.all')}
          </button>
        )}
      </p>
      {shown.length > 0 && (
        <Scroller className="class-agreement-rows">
          <table className="deployed" aria-label={savedWords('classes')}>
            <thead>
              <tr>
                <th scope="col">{savedWords(known ? 'classes.class' : 'classes.answer')}</th>
                <th scope="col">{savedWords('classes.same')}</th>
                {known && <th scope="col">{savedWords('classes.right')}</th>}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ label, samples, same, right }) => (
                <tr key={label} data-differs={same < samples || undefined}>
                  <th scope="row" translate="no">
                    {answerName(label, 'classes', names)}
                  </th>
                  <td>{savedWords('classes.of', { n: numbers.count(same), all: numbers.count(samples) })}</td>
                  {right && (
                    <td>
                      {numbers.count(right.before)} → {numbers.count(right.after)}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      )}
    </div>
  );
}
