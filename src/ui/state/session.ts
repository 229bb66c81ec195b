/** What is open: one model and, beside it, one data set. Handles point into the worker, which keeps weights and pictures. */
import { createStore } from 'zustand/vanilla';
import type { OpenedData, OpenedModel, SampleCard } from '../../workers/api.ts';
import { bind } from './use-store.ts';

export interface Session {
  readonly model: OpenedModel | null;
  /** The card of the sample that is open; null for a model of the visitor's own. */
  readonly card: SampleCard | null;
  readonly data: OpenedData | null;
  /** What is being read at this moment. */
  readonly opening: 'model' | 'data' | null;
  readonly samples: readonly SampleCard[];
}

export const session = createStore<Session>()(() => ({ model: null, card: null, data: null, opening: null, samples: [] }));
export const useSession = bind(session);
