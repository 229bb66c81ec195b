/** How samples and answers are called. */
import type { AnswerKind, Change, Tally, Tile } from '../state/answers.ts';
import { count, signed } from './numbers.ts';
import { t } from './translate.ts';

/** A class, value or missing answer in words. */
export function answerName(value: number, kind: AnswerKind, classNames: readonly string[]): string {
  if (kind === 'classes') return value < 0 ? t('wall.no-answer') : (classNames[value] ?? String(value));
  return Number.isFinite(value) ? signed(value) : t('wall.no-answer');
}

const changes = {
  'now-wrong': 'wall.change.now-wrong',
  'now-right': 'wall.change.now-right',
  other: 'wall.change.other',
} as const;

/** What became of a sample: `now wrong`, `right in both`. */
export function changeWords(tile: Tile): string {
  if (tile.change !== 'same') return t(changes[tile.change]);
  if (tile.truth === null) return t('wall.change.same');
  return t(tile.after === tile.truth ? 'wall.change.right' : 'wall.change.wrong');
}

/** A sample in one sentence, for those who do not see the wall. */
export function tileWords(tile: Tile, kind: AnswerKind, classNames: readonly string[]): string {
  const name = (value: number) => answerName(value, kind, classNames);
  const parts = [
    t('wall.sample', { n: count(tile.index + 1) }),
    tile.truth === null ? '' : t('wall.truth', { truth: name(tile.truth) }),
    kind === 'outputs' ? '' : t('wall.answers', { before: name(tile.before), after: name(tile.after) }),
    kind === 'classes' ? changeWords(tile) : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** `4 of 100 answers changed`. */
export const tallyWords = ({ n, changed }: Tally): string =>
  changed === 0 ? t('wall.unchanged', { n: count(n) }) : t('wall.changed', { changed: count(changed), n: count(n) });

export const changeIcon = (change: Change): 'better' | 'worse' | null =>
  change === 'now-right' ? 'better' : change === 'now-wrong' ? 'worse' : null;

/** Whose answers are on the wall, where they are not those of the recipe in view. */
export const runName = (run: number): string =>
  run === 0 ? t('words.original') : run > 0 ? t('runs.name', { n: run }) : t('runs.tried');
