/** The engine in a worker of Chromium, as the studio trains: one lesson after the other on the backend `simd`. */
import { configureBackends, startBackend } from '../src/engine/index.ts';
import { type Lesson, learn } from './lesson.ts';

configureBackends({
  simd: {
    threads: navigator.hardwareConcurrency,
    startHelper: () => new Worker(new URL('../src/workers/simd-helper.worker.ts', import.meta.url), { type: 'module' }),
  },
});

self.onmessage = ({ data }: MessageEvent<Lesson>) => {
  startBackend('simd')
    .then(() => learn(data))
    .then(
      (result) => self.postMessage({ result }),
      (error: unknown) => self.postMessage({ error: String((error as Error).stack ?? error) }),
    );
};
