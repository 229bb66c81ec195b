/** The picture wall: a few samples of the open data, and what both models answer on them under the recipe in view. */
import { createStore } from 'zustand/vanilla';
import type { LiveAnswers, OpenedData, Thumbnail } from '../../workers/api.ts';
import { bind } from './use-store.ts';

export interface WallState {
  /** The data whose samples these are; null where there is none. */
  readonly data: OpenedData | null;
  readonly count: number;
  /** Pictures of the samples, in the order of the answers; empty for tables. */
  readonly thumbnails: readonly Thumbnail[];
  readonly answers: LiveAnswers | null;
  /** The run whose answers these are, while one is lit; null where they are those of the recipe in view. */
  readonly run: number | null;
}

export const noWall: WallState = { data: null, count: 0, thumbnails: [], answers: null, run: null };

export const wallStore = createStore<WallState>()(() => noWall);
export const useWall = bind(wallStore);
