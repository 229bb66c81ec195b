/** The one button: what is looked for, what was tried, and what the search ended with. It belongs to one model and its data. */
import { createStore } from 'zustand/vanilla';
import type { RunEvent, SearchPoint, SearchResult } from '../../workers/api.ts';
import { bind } from './use-store.ts';

export interface SearchState {
  readonly kind: 'accuracy' | 'size';
  /** Points of accuracy that may be lost. */
  readonly drop: number;
  /** Most kilobytes of the gzipped file. */
  readonly kilobytes: number;
  readonly running: { readonly event: RunEvent | null; readonly cancel: () => void } | null;
  readonly points: readonly SearchPoint[];
  readonly result: SearchResult | null;
}

export const noSearch = { running: null, points: [], result: null } as const;

export const searchStore = createStore<SearchState>()(() => ({ kind: 'accuracy', drop: 1, kilobytes: 100, ...noSearch }));
export const useSearch = bind(searchStore);
