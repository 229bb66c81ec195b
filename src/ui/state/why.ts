/** See why: where a result's error comes in and which answers it changed. Each finding keeps what it was measured for. */
import { createStore } from 'zustand/vanilla';
import type {
  AnswersView,
  ChosenSamples,
  ErrorPath,
  OpenedData,
  OpenedModel,
  OutputPictures,
  RunEvent,
} from '../../workers/api.ts';
import { bind } from './use-store.ts';

/** A recipe on the model and data it was measured with. */
export interface Subject {
  readonly model: OpenedModel;
  readonly data: OpenedData | null;
  readonly key: string;
}

export interface FoundPath {
  readonly of: Subject;
  readonly path: ErrorPath;
}

export interface FoundAnswers {
  readonly of: Subject;
  readonly view: AnswersView;
  /** Of the samples listed, in their order. */
  readonly samples: ChosenSamples;
  /** Of models that give pictures, the samples that changed most. */
  readonly outputs: readonly OutputPictures[];
}

export interface WhyState {
  readonly running: { readonly of: Subject; readonly event: RunEvent | null; readonly cancel: () => void } | null;
  readonly path: FoundPath | null;
  readonly answers: FoundAnswers | null;
  /** What was cancelled, or failed: it is measured again when it is asked for, not by itself. */
  readonly stopped: Subject | null;
}

export const noWhy: WhyState = { running: null, path: null, answers: null, stopped: null };

export const whyStore = createStore<WhyState>()(() => noWhy);
export const useWhy = bind(whyStore);

export const sameSubject = (a: Subject | undefined, b: Subject): boolean =>
  a?.model === b.model && a.data === b.data && a.key === b.key;
