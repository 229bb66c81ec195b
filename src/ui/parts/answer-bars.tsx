/** The likeliest classes of one input: the original's bar in grey over the compressed model's in the accent colour. */
import { decimal, percent } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import type { Scores } from '../state/answers.ts';

interface Props {
  readonly scores: Scores;
  readonly name: (label: number) => string;
}

export function AnswerBars({ scores: { chances, classes }, name }: Props) {
  const largest = chances
    ? 1
    : Math.max(1e-12, ...classes.flatMap(({ before, after }) => [before, after]).filter(Number.isFinite));
  const say = (score: number) => (!Number.isFinite(score) ? t('figure.none') : chances ? percent(score) : decimal(score));
  const share = (score: number) => `${Number.isFinite(score) ? Math.max(0, Math.min(1, score / largest)) * 100 : 0}%`;
  return (
    <dl className="answer-bars" title={chances ? undefined : t('wall.scores.help')}>
      {classes.map(({ label, before, after }) => (
        <div key={label}>
          <dt title={name(label)}>{name(label)}</dt>
          <dd>
            <span className="visually-hidden">{t('words.original')} </span>
            <i className="original" style={{ inlineSize: share(before) }} />
            <span className="number">{say(before)}</span>
          </dd>
          <dd>
            <span className="visually-hidden">{t('wall.compressed')} </span>
            <i className="compressed" style={{ inlineSize: share(after) }} />
            <span className="number">{say(after)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
