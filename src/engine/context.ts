/** What a long operation is given: a way to stop it, a way to tell how far it is, and its only source of randomness. */
import type { Dataset, Preprocessing } from './data/dataset.ts';
import type { Rng } from './math/rng.ts';
import type { Model } from './model/model.ts';
import type { Pause } from './train/pause.ts';

export interface Progress {
  /** What is being done, a short English phrase: `quantize/affine`, `accuracy`. */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** What training steps learn from. */
export interface TrainingData {
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  /** Names the data and its preprocessing: results of training are kept under it. */
  readonly id: string;
  /** Aborted to end training early with the best weights so far; `Context.signal` throws everything away. */
  readonly stop?: AbortSignal;
  /** Lets training rest between two batches. */
  readonly pause?: Pause;
}

/** How far a training step is, at most ten times a second and after every epoch. */
export interface TrainingEvent {
  /** Place of the step among the steps that run, from 1. */
  readonly step: number;
  readonly technique: string;
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** From 1, within the epoch. */
  readonly batch: number;
  readonly batches: number;
  /** Mean over the epoch so far. */
  readonly loss: number;
  /** Share of right answers on the epoch's training samples so far, 0–1; absent without classes. */
  readonly accuracy?: number;
  /** Of the epoch that has just ended: share of right answers on the validation samples, 0–1. */
  readonly validationAccuracy?: number;
  /** Of the epoch that has just ended: mean loss on the validation samples. */
  readonly validationLoss?: number;
  readonly samplesPerSecond: number;
  readonly remainingMs: number;
}

export interface Context {
  readonly signal: AbortSignal;
  /** Called as often as the work likes; the worker border throttles. */
  readonly report: (progress: Progress) => void;
  readonly rng: Rng;
  /** Absent: steps that train refuse to run. */
  readonly training?: TrainingData;
  /** Called while a step trains. */
  readonly onTraining?: (event: TrainingEvent) => void;
  /** Whose answers distillation imitates; `applyRecipe` gives the original where it is absent. */
  readonly teacher?: Model;
}

/** How long the engine may compute before it lets messages through, ms: an abort is seen at the next checkpoint. */
const breath = 25;
let lastPause = 0;

/** Gives the worker's event loop a turn where the engine has computed for long enough. */
export async function breathe(): Promise<void> {
  if (performance.now() - lastPause <= breath) return;
  await new Promise((resolve) => setTimeout(resolve));
  lastPause = performance.now();
}

/**
 * To be awaited once per batch, tensor or run of a long operation: throws the signal's reason where it was aborted, and gives
 * the worker's event loop a turn now and then, without which an abort could not arrive.
 */
export async function checkpoint(context: { readonly signal: AbortSignal }): Promise<void> {
  await breathe();
  context.signal.throwIfAborted();
}
