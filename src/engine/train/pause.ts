/** A switch that lets training rest between two batches: nothing is computed, nothing is lost. */
export interface Pause {
  readonly paused: boolean;
  /** Settles once it goes on, or one of the signals is aborted. */
  resumed(signals: readonly AbortSignal[]): Promise<void>;
}

export interface PauseSwitch extends Pause {
  pause(): void;
  resume(): void;
}

/** A switch that is not paused. */
export function createPause(): PauseSwitch {
  let paused = false;
  const waiting = new Set<() => void>();
  return {
    get paused() {
      return paused;
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      for (const goOn of waiting) goOn();
    },
    async resumed(signals) {
      if (!paused || signals.some(({ aborted }) => aborted)) return;
      await new Promise<void>((resolve) => {
        const goOn = () => {
          waiting.delete(goOn);
          for (const signal of signals) signal.removeEventListener('abort', goOn);
          resolve();
        };
        waiting.add(goOn);
        for (const signal of signals) signal.addEventListener('abort', goOn);
      });
    },
  };
}
