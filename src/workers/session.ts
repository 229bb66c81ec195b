/** What is open in the worker: models with what was made of them, data with its chosen scaling. Handles are the page's names for them. */
import type { TrainingData } from '../engine/context.ts';
import type { Dataset, Preprocessing } from '../engine/data/dataset.ts';
import type { Labels } from '../engine/data/labels.ts';
import type { NamedOrder } from '../engine/data/setup.ts';
import type { SourceFile } from '../engine/format.ts';
import {
  type AnswerCache,
  type ChannelCells,
  type Model,
  type RecipeCache,
  StudioError,
  type WeightSketch,
} from '../engine/index.ts';
import type { Figures } from '../engine/report.ts';
import type { DataHandle, DataSummary, DroppedFile, ModelHandle, TrainedStep } from './api.ts';

export interface OpenedModelState {
  readonly model: Model;
  /** Names of its outputs that lay beside it; null where there were none. */
  readonly labels: Labels | null;
  readonly sketches: readonly WeightSketch[];
  readonly before: Figures;
  /** Results of recipe prefixes, so that a changed last step does not repeat the first ones. */
  readonly cache: RecipeCache;
  /** What the model answered on the open data, so that a run asks only its result. */
  readonly answers: AnswerCache;
  /** What groups of its channels lose alone, as far as it was measured. */
  readonly channelCells: ChannelCells;
  /** Results of runs on this model, freed with it. */
  readonly results: Set<ModelHandle>;
  /** What the last recipe that trains learned from: previews find its results under the data's name. */
  training?: TrainingData;
  /** The model that distillation imitates in its place. */
  teacher?: Model;
  /** Of a result: what its steps trained, for keeping. */
  readonly trained?: readonly TrainedStep[];
  /** Of a result that was trained on a part of the data: the rest, which is all that it may be measured on. */
  readonly measured?: Dataset;
}

export interface OpenedDataState {
  /** As it was read. */
  readonly source: Dataset;
  /** Names of the outputs that came with the data. */
  readonly given: Labels | null;
  /** As the model is fed with it: a view of the source. */
  dataset: Dataset;
  preprocessing: Preprocessing;
  named: NamedOrder;
  /** Counts changes of the view, so that what rests on it can be told from what it is now. */
  revision: number;
  guess: DataSummary['guess'];
  guessed: boolean;
}

export interface Session {
  readonly models: Map<ModelHandle, OpenedModelState>;
  readonly data: Map<DataHandle, OpenedDataState>;
}

export function createSession(): Session {
  return { models: new Map(), data: new Map() };
}

function closed(what: string): StudioError {
  return new StudioError({
    code: 'SESSION_CLOSED',
    title: `This ${what} is no longer open.`,
    detail: `The ${what} was closed, or the engine was started again without it.`,
    hint: 'Open it again.',
  });
}

export function modelNamed(session: Session, handle: ModelHandle): OpenedModelState {
  const state = session.models.get(handle);
  if (state === undefined) throw closed('model');
  return state;
}

export function dataNamed(session: Session, handle: DataHandle): OpenedDataState {
  const state = session.data.get(handle);
  if (state === undefined) throw closed('data');
  return state;
}

/** A dropped blob as the engine reads files: its bytes are loaded when a reader asks. */
export function sourceOf({ path, blob }: DroppedFile): SourceFile {
  return {
    path,
    size: blob.size,
    bytes: async () => new Uint8Array(await blob.arrayBuffer()),
    slice: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

/** Lets long jobs run one after the other: they share one device. A job that is aborted while it waits never starts and rejects at once. */
export function createQueue(): <T>(signal: AbortSignal, job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (signal, job) => {
    let started = false;
    // The job before may have failed; that is its caller's business.
    const mine = last.then(() => {
      signal.throwIfAborted();
      started = true;
      return job();
    });
    last = mine.catch(() => {});
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => !started && reject(signal.reason), { once: true });
      mine.then(resolve, reject);
    });
  };
}
