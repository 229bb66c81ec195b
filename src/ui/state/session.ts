/** What is open: one model and, beside it, one data set. Handles point into the worker, which keeps weights and pictures. */
import { createStore } from 'zustand/vanilla';
import type { DroppedFile, OpenedData, OpenedModel, SampleCard } from '../../workers/api.ts';
import { bind } from './use-store.ts';

export interface ModelSource {
  readonly files: readonly DroppedFile[];
  readonly allowNonFinite: boolean;
  /** Chosen for a model that takes inputs of any size. */
  readonly inputSize?: readonly number[];
}

export interface DataSource {
  readonly files: readonly DroppedFile[];
  /** True where it came with a sample. */
  readonly sample: boolean;
}

export interface Teacher {
  readonly name: string;
  readonly parameters: number;
  readonly files: readonly DroppedFile[];
  /** Tells it from every other one that was ever chosen, so that no run is taken for one that another taught. */
  readonly key: string;
}

export interface Session {
  readonly model: OpenedModel | null;
  /** The card of the sample that is open; null for a model of the visitor's own. */
  readonly card: SampleCard | null;
  readonly data: OpenedData | null;
  /** What the model and the data were read from, to be read again: for another model, after a reload. */
  readonly modelFrom: ModelSource | null;
  readonly dataFrom: DataSource | null;
  /** The model whose answers distillation imitates; null: the open model itself. */
  readonly teacher: Teacher | null;
  /** What is being read at this moment. */
  readonly opening: 'model' | 'data' | null;
  readonly samples: readonly SampleCard[];
}

export const session = createStore<Session>()(() => ({
  model: null,
  card: null,
  data: null,
  modelFrom: null,
  dataFrom: null,
  teacher: null,
  opening: null,
  samples: [],
}));
export const useSession = bind(session);
