/** The samples of the wall at their places, one of them under the glass. A list of options: the arrow keys walk, Escape leaves. */
import { memo, useId, useMemo, useRef, useState } from 'react';
import type { Thumbnail } from '../../workers/api.ts';
import { neighbour, type Place, placeDots, placeTiles, placeValues } from '../charts/wall-layout.ts';
import { useLanguage } from '../i18n/language.ts';
import { decimal } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { answerName, changeIcon, tallyWords, tileWords } from '../i18n/wall-words.ts';
import { Icon } from '../parts/icon.tsx';
import { Picture } from '../parts/picture.tsx';
import { type Size, useSize } from '../parts/use-size.ts';
import { type AnswerKind, type Tile, tallyOf } from '../state/answers.ts';
import type { WallContent } from './wall.tsx';
import { WallCard } from './wall-card.tsx';

/** More classes than this are no matrix but a wall of words. */
const mostClasses = 8;

interface Drawing {
  readonly looks: 'pictures' | 'words' | 'matrix' | 'values';
  readonly places: readonly Place[];
  readonly ground: React.ReactNode;
}

function drawingOf({ wall, kind, tiles, classNames }: WallContent, space: Size): Drawing {
  const n = tiles.length === 0 ? wall.thumbnails.length : tiles.length;
  if (wall.thumbnails.length > 0) return { looks: 'pictures', places: placeTiles(n, space), ground: null };
  const known = tiles.every(({ truth }) => truth !== null);
  if (kind === 'value' && known && space.width > 0) return valuesDrawing(tiles, space);
  const classes = Math.max(2, classNames.length, ...tiles.flatMap(({ truth, after }) => [(truth ?? 0) + 1, after + 1]));
  if (kind === 'classes' && known && classes <= mostClasses && space.width > 0) {
    return matrixDrawing(tiles, classes, classNames, space);
  }
  return { looks: 'words', places: placeTiles(n, space), ground: null };
}

function matrixDrawing(tiles: readonly Tile[], classes: number, classNames: readonly string[], space: Size): Drawing {
  const { places, cells } = placeDots(tiles, classes, space);
  const name = (label: number) => answerName(label, 'classes', classNames);
  const ground = (
    <div className="matrix" aria-hidden="true">
      {cells.map(({ x, y, width, height }, index) => (
        <i
          key={`${x} ${y}`}
          data-right={index % (classes + 1) === 0 || undefined}
          style={{ left: x, top: y, width: width - 3, height: height - 3 }}
        />
      ))}
      {cells.slice(0, classes).map((cell, label) => (
        <span key={`c${cell.x}`} className="column" style={{ left: cell.x, top: 0, width: cell.width }}>
          {name(label)}
        </span>
      ))}
      {cells
        .filter((_, index) => index % classes === 0)
        .map((cell, label) => (
          <span key={`r${cell.y}`} className="row" style={{ left: 0, top: cell.y, height: cell.height - 3 }}>
            {name(label)}
          </span>
        ))}
      <span className="corner">{t('wall.matrix')}</span>
    </div>
  );
  return { looks: 'matrix', places, ground };
}

function valuesDrawing(tiles: readonly Tile[], space: Size): Drawing {
  const { places, shadows, low, high, frame } = placeValues(tiles, space);
  const [right, bottom] = [frame.x + frame.width, frame.y + frame.height];
  const ground = (
    <svg className="plane" width={space.width} height={space.height} aria-hidden="true">
      <path className="axis" d={`M${frame.x} ${frame.y}V${bottom}H${right}`} />
      <path className="diagonal" d={`M${frame.x} ${bottom}L${right} ${frame.y}`} />
      {shadows.map(({ x, y, size }, index) => (
        <g key={tiles[index]?.index}>
          <line x1={x + size / 2} x2={x + size / 2} y1={y + size / 2} y2={(places[index]?.y ?? y) + size / 2} />
          <circle cx={x + size / 2} cy={y + size / 2} r={size / 2} />
        </g>
      ))}
      <text x={frame.x - 6} y={bottom} textAnchor="end">
        {decimal(low)}
      </text>
      <text x={frame.x - 6} y={frame.y + 10} textAnchor="end">
        {decimal(high)}
      </text>
      <text x={right} y={bottom + 16} textAnchor="end">
        {t('wall.axis.truth')} {decimal(high)}
      </text>
    </svg>
  );
  return { looks: 'values', places, ground };
}

export function WallField({ content }: { readonly content: WallContent }) {
  const { wall, kind, tiles, classNames } = content;
  const [frame, space] = useSize<HTMLDivElement>();
  const [active, setActive] = useState<number | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const language = useLanguage((state) => state.language);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ground has words in the language in view
  const { looks, places, ground } = useMemo(() => drawingOf(content, space), [content, space, language]);
  const shown = active !== null && active < places.length ? active : null;
  const walk = (event: React.KeyboardEvent) => {
    const target = event.key === 'Home' ? 0 : event.key === 'End' ? places.length - 1 : event.key.startsWith('Arrow') ? -1 : null;
    if (event.key === 'Escape' && shown !== null) setActive(null);
    else if (target === null) return;
    else setActive(target >= 0 ? target : shown === null ? 0 : neighbour(places, shown, event.key));
    event.preventDefault();
  };
  const focused = () => list.current?.matches(':focus') === true;
  const label = tiles.length > 0 && kind === 'classes' ? `${t('wall.title')}: ${tallyWords(tallyOf(tiles))}` : t('wall.title');
  return (
    <div className="wall" data-looks={looks} ref={frame}>
      {ground}
      <div
        ref={list}
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-orientation="horizontal"
        aria-busy={tiles.length === 0}
        aria-activedescendant={shown === null ? undefined : `${id}-${shown}`}
        onKeyDown={walk}
        onFocus={() => list.current?.matches(':focus-visible') && setActive((now) => now ?? 0)}
        onBlur={() => setActive(null)}
        onPointerLeave={() => !focused() && setActive(null)}
      >
        {places.map((place, row) => (
          <Sample
            key={tiles[row]?.index ?? row}
            id={`${id}-${row}`}
            row={row}
            place={place}
            tile={tiles[row] ?? null}
            picture={wall.thumbnails[row] ?? null}
            looks={looks}
            kind={kind}
            classNames={classNames}
            active={row === shown}
            onPoint={setActive}
          />
        ))}
      </div>
      {shown !== null && tiles[shown] && wall.answers && places[shown] && (
        <WallCard content={content} tile={tiles[shown]} place={places[shown]} space={space} />
      )}
    </div>
  );
}

interface SampleProps {
  readonly id: string;
  readonly row: number;
  readonly place: Place;
  readonly tile: Tile | null;
  readonly picture: Thumbnail | null;
  readonly looks: Drawing['looks'];
  readonly kind: AnswerKind;
  readonly classNames: readonly string[];
  readonly active: boolean;
  readonly onPoint: (row: number) => void;
}

const Sample = memo(function Sample(props: SampleProps) {
  const { id, row, place, tile, picture, looks, kind, classNames, active, onPoint } = props;
  useLanguage((state) => state.language);
  const icon = tile === null ? null : changeIcon(tile.change);
  const tag = tile === null ? '' : tagOf(tile, place.size, looks, kind, classNames);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names the option that is active.
    <div
      id={id}
      role="option"
      aria-selected={active}
      aria-label={tile === null ? t('wall.asking') : tileWords(tile, kind, classNames)}
      className="sample"
      data-change={tile?.change ?? 'same'}
      style={{ transform: `translate(${place.x}px, ${place.y}px)`, inlineSize: place.size, blockSize: place.size }}
      onPointerEnter={() => onPoint(row)}
      onPointerDown={() => onPoint(row)}
    >
      {picture !== null && <Picture picture={picture} />}
      {tag !== '' && <span className="tag">{tag}</span>}
      {icon !== null && looks !== 'values' && (
        <span className={`badge ${icon}`}>
          <Icon name={icon} />
        </span>
      )}
    </div>
  );
});

/** About as wide as a letter of a tag (an arrow counts twice), and what surrounds them, px. */
const [letter, around] = [6.6, 7];

/** The compressed model's answer, with the original's where they differ; nothing where it would not fit. */
function tagOf(tile: Tile, size: number, looks: Drawing['looks'], kind: AnswerKind, classNames: readonly string[]): string {
  if (kind === 'outputs' || looks === 'matrix' || looks === 'values') return '';
  const name = (value: number) => answerName(value, kind, classNames);
  const fits = (text: string) => text.replace('→', '→→').length * letter + around <= size;
  const both = tile.change === 'same' ? '' : `${name(tile.before)}→${name(tile.after)}`;
  if (both !== '' && fits(both)) return both;
  const after = name(tile.after);
  return fits(after) || size >= 44 ? after : '';
}
