/** Models that predict values: predicted against true and what is left over, then the samples that got worse. */
import type { ValueAnswers } from '../../engine/analysis/value-answers.ts';
import { ScatterPair } from '../charts/scatter-pair.tsx';
import { count, signed } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { Scroller } from '../parts/scroller.tsx';
import type { AnswersProps } from './why-panel.tsx';
import { whyWords } from './why-words.ts';

export function WhyValues({ view, found, stale }: AnswersProps<ValueAnswers>) {
  const { points, unanswered } = view;
  const known = points.every(({ target }) => target !== null);
  const truth = (point: (typeof points)[number]) => point.target ?? point.before;
  const title = whyWords(known ? 'predicted.against' : 'predicted.change');
  const across = known ? whyWords('truth') : whyWords('before');
  const up = known ? whyWords('predicted') : whyWords('after');
  const pairs = (side: 'before' | 'after', left: boolean) =>
    points.map((point) => ({ x: truth(point), y: left ? point[side] - truth(point) : point[side] }));
  return (
    <>
      <section className="why-values" data-stale={stale} aria-labelledby="why-values-title">
        <header className="panel-head">
          <h3 id="why-values-title">{title}</h3>
        </header>
        <p className="keys quiet-text">
          {known && <span className="key original">{t('words.original')}</span>}
          <span className="key compressed">{t('wall.compressed')}</span>
          {unanswered > 0 && <span>{whyWords('values.unanswered', { n: unanswered })}</span>}
        </p>
        {points.length > 0 && (
          <figure className="pairs">
            <ScatterPair
              before={known ? pairs('before', false) : []}
              after={pairs('after', false)}
              line="equal"
              across={across}
              up={up}
              label={title}
            />
            <ScatterPair
              before={known ? pairs('before', true) : []}
              after={pairs('after', true)}
              line="zero"
              across={across}
              up={whyWords(known ? 'residual' : 'change')}
              label={known ? `${whyWords('residual')}: ${whyWords('residual.help')}` : whyWords('change')}
            />
          </figure>
        )}
      </section>
      <Worse view={view} found={found} stale={stale} />
    </>
  );
}

function Worse({ view, found, stale }: Pick<AnswersProps<ValueAnswers>, 'view' | 'found' | 'stale'>) {
  const { rows } = found.samples;
  const names = found.of.data?.summary.featureNames ?? [];
  return (
    <section className="why-worse" data-stale={stale} aria-labelledby="why-worse-title">
      <header className="panel-head">
        <h3 id="why-worse-title">{whyWords('values')}</h3>
      </header>
      {view.worst.length === 0 ? (
        <p className="quiet-text">{whyWords('values.none', { n: count(found.view.n) })}</p>
      ) : (
        <Scroller className="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{whyWords('sample.head')}</th>
                {(['truth', 'before', 'after', 'worse'] as const).map((head) => (
                  <th key={head} scope="col" className="number">
                    {whyWords(head)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {view.worst.map(({ index, target, before, after, worse }, place) => (
                <tr key={index} title={rowWords(rows[place], names)}>
                  <th scope="row">{count(index + 1)}</th>
                  <td className="number">{target === null ? t('figure.none') : signed(target)}</td>
                  <td className="number">{signed(before)}</td>
                  <td className="number">{signed(after)}</td>
                  <td className="number">{signed(worse)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      )}
    </section>
  );
}

/** The values of a table row with their names. */
const rowWords = (row: readonly number[] | undefined, names: readonly string[]): string | undefined =>
  row?.map((value, at) => `${names[at] ?? at + 1}: ${signed(value)}`).join('\n');
