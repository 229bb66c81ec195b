/**
 * The device that models run on: the processor at once, whatever the probe finds faster later, or what the user chose.
 * Long jobs run one after the other, since they share it; a job whose device went away is done again on the processor.
 */

import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import {
  type BackendName,
  backendNames,
  configureBackends,
  describeDevice,
  isDeviceLoss,
  type Model,
  type ProbedBackend,
  probeBackends,
  startBackend,
  startProcessor,
} from '../engine/index.ts';
import type { DeviceStatus } from './api.ts';
import { createQueue } from './session.ts';

export interface Device {
  /** Runs a job that needs the device, when its turn has come. */
  use<T>(signal: AbortSignal, job: () => Promise<T>): Promise<T>;
  status(): DeviceStatus;
  choose(choice: 'auto' | BackendName): Promise<DeviceStatus>;
  probe(model: Model, inputShapes: readonly (readonly number[])[]): Promise<DeviceStatus>;
  readonly backend: BackendName;
}

/** What the probe tries beside the processor's own; the others are only there to be chosen. */
const candidates: readonly BackendName[] = ['webgl', 'webgpu'];
/** More threads than this were not measured to help, and the page needs a core. */
const mostThreads = 4;
const never = new AbortController().signal;

export function createDevice(): Device {
  configureBackends({
    wasmPaths: {
      'tfjs-backend-wasm.wasm': plainWasm,
      'tfjs-backend-wasm-simd.wasm': simdWasm,
      'tfjs-backend-wasm-threaded-simd.wasm': threadedWasm,
    },
    simd: {
      threads: self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, mostThreads) : 1,
      startHelper: () => new Worker(new URL('./simd-helper.worker.ts', import.meta.url), { type: 'module', name: 'simd' }),
    },
  });
  const queue = createQueue();
  /** The processor's own backend, on which everything begins and to which it returns. */
  let processor: BackendName = 'simd';
  let backend: BackendName = processor;
  let choice: 'auto' | BackendName = 'auto';
  let started: Promise<void> | undefined;
  let probed: readonly ProbedBackend[] = [];

  async function start(name: BackendName): Promise<void> {
    await startBackend(name);
    backend = name;
  }

  async function begin(): Promise<void> {
    processor = await startProcessor();
    backend = processor;
  }

  async function use<T>(signal: AbortSignal, job: () => Promise<T>): Promise<T> {
    return queue(signal, async () => {
      started ??= begin();
      await started;
      try {
        return await job();
      } catch (error) {
        if (!isDeviceLoss(error) || backend === 'wasm') throw error;
        if (backend === processor) processor = 'wasm';
        probed = probed.map((entry) => (entry.backend === backend ? { ...entry, reason: 'Its device went away.' } : entry));
        choice = 'auto';
        await start(processor);
        return job();
      }
    });
  }

  // Started before it is needed; where it can't be, the first job says so.
  use(never, async () => {}).catch(() => {});

  const status = (): DeviceStatus => ({
    backend,
    adapter: probed.find((entry) => entry.backend === backend)?.adapter ?? '',
    isolated: self.crossOriginIsolated,
    available: backendNames.map((name) => probed.find((entry) => entry.backend === name) ?? { backend: name, software: false }),
    choice,
  });

  return {
    use,
    status,
    get backend() {
      return backend;
    },
    choose: (next) =>
      use(never, async () => {
        if (next !== 'auto') {
          await start(next);
          const device = { backend: next, ...describeDevice() };
          probed = [
            ...probed.filter((entry) => entry.backend !== next),
            { ...probed.find((entry) => entry.backend === next), ...device },
          ];
        }
        choice = next;
        return status();
      }),
    probe: (model, inputShapes) =>
      use(never, async () => {
        if (choice !== 'auto') return status();
        const result = await probeBackends({
          ...{ model, inputShapes, candidates: [processor, ...candidates] },
          ...{ count: 32, signal: never },
        });
        probed = result.probed;
        backend = result.backend;
        return status();
      }),
  };
}
