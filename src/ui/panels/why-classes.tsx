/** Classifiers: the samples whose answer changed, worst first, then the confusion matrix and, for two classes, the ROC curve. */
import { useState } from 'react';
import type { ClassAnswers, FlippedSample } from '../../engine/analysis/class-answers.ts';
import type { Thumbnail } from '../../workers/api.ts';
import { RocChart } from '../charts/roc-chart.tsx';
import { count, percent, signed } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { answerName } from '../i18n/wall-words.ts';
import { Icon } from '../parts/icon.tsx';
import { Picture } from '../parts/picture.tsx';
import { Scroller } from '../parts/scroller.tsx';
import { WhyConfusion } from './why-confusion.tsx';
import type { AnswersProps } from './why-panel.tsx';
import { whyWords } from './why-words.ts';

export function WhyClasses({ view, found, classNames, stale }: AnswersProps<ClassAnswers>) {
  const name = (label: number) => answerName(label, 'classes', classNames);
  return (
    <>
      <Changed view={view} found={found} classNames={classNames} stale={stale} />
      <WhyConfusion confusion={view.confusion} name={name} stale={stale} />
      {view.roc && <RocChart roc={view.roc} stale={stale} />}
    </>
  );
}

/** Where the page has one column; the style sheet hides the others. */
const shownFirst = 12;

function Changed({ view, found, classNames, stale }: AnswersProps<ClassAnswers>) {
  const [all, setAll] = useState(false);
  const { flipped, flippedCount } = view;
  const { n, synthetic } = found.view;
  const { pictures, rows } = found.samples;
  const features = found.of.data?.summary.featureNames ?? [];
  return (
    <section className="why-changed" data-stale={stale} aria-labelledby="why-changed-title">
      <header className="panel-head">
        <h3 id="why-changed-title">{whyWords('changed')}</h3>
      </header>
      <p className="why-words" data-testid="why-changed">
        {flippedCount === 0
          ? whyWords('changed.none', { n: count(n) })
          : whyWords('changed.some', { n: flippedCount, total: count(n) })}{' '}
        <span className="quiet-text">
          {flipped.length < flippedCount && whyWords('changed.listed', { shown: flipped.length, n: count(flippedCount) })}
          {synthetic && ` ${whyWords('synthetic')}`}
        </span>
      </p>
      {flippedCount > 0 && (
        <Scroller className="gallery-scroll">
          <ul className="gallery" data-all={all}>
            {flipped.map((sample, place) => (
              <Flip
                key={sample.index}
                sample={sample}
                picture={pictures[place]}
                row={rows[place]}
                features={features}
                classNames={classNames}
              />
            ))}
          </ul>
        </Scroller>
      )}
      {flipped.length > shownFirst && !all && (
        <button type="button" className="link more" onClick={() => setAll(true)}>
          {whyWords('changed.all', { n: flipped.length })}
        </button>
      )}
    </section>
  );
}

interface FlipProps {
  readonly sample: FlippedSample;
  readonly picture: Thumbnail | undefined;
  readonly row: readonly number[] | undefined;
  readonly features: readonly string[];
  readonly classNames: readonly string[];
}

const turns = { lost: 'wall.change.now-wrong', gained: 'wall.change.now-right', changed: 'wall.change.other' } as const;
const icons = { lost: 'worse', gained: 'better', changed: null } as const;

/** Values of a table row that are written out. */
const mostValues = 6;

function Flip({ sample, picture, row, features, classNames }: FlipProps) {
  const { index, label, before, after, turn, probabilityBefore, probabilityAfter } = sample;
  const name = (answer: number) => answerName(answer, 'classes', classNames);
  const icon = icons[turn];
  const chances = { before: chance(probabilityBefore), after: chance(probabilityAfter) };
  return (
    <li>
      {picture && <Picture picture={picture} />}
      <div>
        <p className="quiet-text">
          {whyWords('sample', { n: count(index + 1) })}
          {label !== null && ` · ${t('wall.truth', { truth: name(label) })}`}
        </p>
        <p className="flip">
          <span className="was">{name(before)}</span>
          <Icon name="arrow" />
          <strong className="is">{name(after)}</strong>
          <span className={icon === null ? 'verdict' : `verdict ${icon}`}>
            {icon !== null && <Icon name={icon} />}
            {t(turns[turn])}
          </span>
        </p>
        <p className="quiet-text">{whyWords(label === null ? 'changed.first' : 'changed.right', chances)}</p>
        {row && (
          <p className="quiet-text values">
            {row
              .slice(0, mostValues)
              .map((value, at) => (features[at] === undefined ? signed(value) : `${features[at]} ${signed(value)}`))
              .join(' · ')}
            {row.length > mostValues && ' …'}
          </p>
        )}
      </div>
    </li>
  );
}

const chance = (probability: number): string =>
  probability > 0 && probability < 0.0005 ? t('wall.chance.tiny') : percent(probability);
