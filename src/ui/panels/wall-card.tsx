/** One sample under the glass, beside its tile: the picture, what it is, and what both models think of it. */
import type { Place } from '../charts/wall-layout.ts';
import { count, decimal } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { answerName, changeIcon, changeWords } from '../i18n/wall-words.ts';
import { AnswerBars } from '../parts/answer-bars.tsx';
import { Icon } from '../parts/icon.tsx';
import { Picture } from '../parts/picture.tsx';
import type { Size } from '../parts/use-size.ts';
import { type Tile, topScores } from '../state/answers.ts';
import type { WallContent } from './wall.tsx';

interface Props {
  readonly content: WallContent;
  readonly tile: Tile;
  readonly place: Place;
  readonly space: Size;
}

const width = 232;
const gap = 8;

export function WallCard({ content, tile, place, space }: Props) {
  const { wall, kind, classNames } = content;
  const name = (value: number) => answerName(value, kind, classNames);
  const picture = wall.thumbnails[tile.row];
  const icon = changeIcon(tile.change);
  const above = place.y + place.size / 2 > space.height / 2;
  const left = Math.max(0, Math.min(space.width - width, place.x + place.size / 2 - width / 2));
  const across = { left, width };
  const style = above ? { ...across, bottom: space.height - place.y + gap } : { ...across, top: place.y + place.size + gap };
  return (
    <div className="wall-card" style={style} aria-hidden="true">
      <header>
        {picture && <Picture picture={picture} />}
        <p>
          <strong className="card-name">
            {tile.truth === null ? t('wall.sample', { n: count(tile.index + 1) }) : name(tile.truth)}
          </strong>
          <span className="quiet-text">{tile.truth === null ? '' : t('wall.labelled', { n: count(tile.index + 1) })}</span>
          {kind === 'classes' && (
            <span className={icon === null ? 'verdict' : `verdict ${icon}`}>
              {icon !== null && <Icon name={icon} />}
              {changeWords(tile)}
            </span>
          )}
        </p>
      </header>
      {kind === 'classes' && wall.answers && <AnswerBars scores={topScores(wall.answers, tile.row)} name={name} />}
      {kind === 'value' && (
        <p className="card-values">
          <span className="key original">{name(tile.before)}</span>
          <span className="key compressed">{name(tile.after)}</span>
        </p>
      )}
      {kind === 'outputs' && <p>{t('wall.moved', { change: decimal(meanChange(content, tile.row)) })}</p>}
    </div>
  );
}

/** The mean distance between the outputs of both models on one sample. */
function meanChange({ wall: { answers } }: WallContent, row: number): number {
  if (answers === null) return 0;
  const { before, after, width: numbers } = answers;
  let sum = 0;
  for (let at = row * numbers; at < (row + 1) * numbers; at++) sum += Math.abs((after[at] ?? 0) - (before[at] ?? 0));
  return sum / Math.max(1, numbers);
}
