/** Threads of the own backend in Node. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { configureBackends } from '../engine/index.ts';

const most = 4;

/** Lets the own backend use up to so many threads; they end with the process, or with the backend. */
export function configureThreads(threads = Math.min(availableParallelism(), most)): void {
  configureBackends({
    simd: {
      threads,
      startHelper() {
        const worker = new Worker(new URL('./simd-helper.mjs', import.meta.url));
        worker.unref();
        // A helper that can't start leaves its work to the others.
        worker.on('error', () => {});
        return worker;
      },
    },
  });
}
