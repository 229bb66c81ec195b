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
