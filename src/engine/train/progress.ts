/** Tells how far a training is: the engine's plain progress with every batch, curves at most ten times a second and after every epoch. */
import type { Context } from '../context.ts';
import type { Score } from './validate.ts';

const interval = 100;

export interface Stepped {
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
  /** Samples per batch. */
  readonly size: number;
  readonly loss: number;
  readonly accuracy: number | undefined;
}

export interface ProgressMeter {
  report(done: number, total: number): void;
  stepped(now: Stepped): void;
  ended(epoch: number, loss: number, score: Score | undefined): void;
  /** Takes a pause out of all times. */
  rested(milliseconds: number): void;
  /** Seconds since it was made, pauses apart. */
  seconds(): number;
}

export function createMeter(technique: string, epochs: number, context: Context): ProgressMeter {
  const begun = performance.now();
  let told = Number.NEGATIVE_INFINITY;
  let training = 0;
  let last = begun;
  let latest: Stepped | undefined;
  let rests = 0;
  const tell = (now: Stepped, score?: Score) => {
    told = performance.now();
    const done = (now.epoch - 1) * now.batches + now.batch;
    const perBatch = training / done;
    context.onTraining?.({
      step: 0,
      technique,
      epoch: now.epoch,
      epochs,
      batch: now.batch,
      batches: now.batches,
      loss: now.loss,
      ...(now.accuracy === undefined ? {} : { accuracy: now.accuracy }),
      ...(score?.accuracy === undefined ? {} : { validationAccuracy: score.accuracy }),
      ...(score === undefined ? {} : { validationLoss: score.loss }),
      samplesPerSecond: perBatch === 0 ? 0 : (1000 * now.size) / perBatch,
      remainingMs: (epochs * now.batches - done) * perBatch,
    });
  };
  return {
    report(done, total) {
      last = performance.now();
      context.report({ stage: technique, done, total });
    },
    stepped(now) {
      training += performance.now() - last;
      latest = now;
      if (performance.now() - told >= interval) tell(now);
    },
    ended(epoch, loss, score) {
      if (latest !== undefined) tell({ ...latest, epoch, loss }, score);
    },
    rested(milliseconds) {
      rests += milliseconds;
    },
    seconds: () => (performance.now() - begun - rests) / 1000,
  };
}
