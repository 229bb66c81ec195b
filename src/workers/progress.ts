/** Progress as the page gets it: at most ten messages a second, with the time a stage still needs once that can be told. */
import type { Progress, TrainingEvent } from '../engine/context.ts';
import type { Figures } from '../engine/report.ts';
import type { RunEvent } from './api.ts';

const interval = 100;

export interface Reporter {
  report(progress: Progress): void;
  partial(figures: Figures): void;
  /** Curves come at their own pace, each event at once: a validation score must not be dropped. */
  training(event: TrainingEvent): void;
}

/** Forwards the first event of each stage at once, and the latest of the others every 100 ms. */
export function createReporter(onEvent: (event: RunEvent) => void, now: () => number = () => performance.now()): Reporter {
  const started = now();
  let stage = { name: '', started };
  let lastSent = -interval;
  let current: Progress = { stage: '', done: 0, total: 0 };
  let figures: Figures | undefined;

  function send(force: boolean): void {
    const time = now();
    if (!force && time - lastSent < interval) return;
    lastSent = time;
    const { done, total } = current;
    const spent = time - stage.started;
    const remainingMs = done > 0 && spent > interval ? (spent / done) * (total - done) : undefined;
    onEvent({
      ...current,
      elapsedMs: time - started,
      ...(remainingMs === undefined ? {} : { remainingMs }),
      ...(figures === undefined ? {} : { partial: figures }),
    });
    figures = undefined;
  }

  return {
    report(progress) {
      const changed = progress.stage !== stage.name;
      if (changed) stage = { name: progress.stage, started: now() };
      current = progress;
      send(changed);
    },
    partial(next) {
      figures = next;
      send(false);
    },
    training(event) {
      onEvent({ ...current, elapsedMs: now() - started, remainingMs: event.remainingMs, training: event });
    },
  };
}
