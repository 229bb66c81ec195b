/** What a long operation is given: a way to stop it, a way to tell how far it is, and its only source of randomness. */
import type { Rng } from './math/rng.ts';

export interface Progress {
  /** What is being done, a short English phrase: `quantize/affine`, `accuracy`. */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

export interface Context {
  readonly signal: AbortSignal;
  /** Called as often as the work likes; the worker border throttles. */
  readonly report: (progress: Progress) => void;
  readonly rng: Rng;
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
