/**
 * The page's end of the border: a typed remote engine. A worker that crashes, or that ignores a cancel for two seconds, is
 * ended and replaced; what was open is opened again under the same handles, so that the page loses nothing.
 */
import { proxy, type Remote, wrap } from 'comlink';
import { StudioError } from '../engine/errors.ts';
import type { AnswersView, DataHandle, DataSummary, EngineApi, Feed, ModelHandle } from './api.ts';
import './transfer.ts';

export interface EngineClient extends EngineApi {
  /** Ends the worker and starts another with everything re-opened. */
  restart(): Promise<void>;
}

/** How long a cancelled job may go on before its worker is ended, ms. */
const patience = 2000;

interface Connection {
  readonly worker: Worker;
  readonly remote: Remote<EngineApi>;
  /** Never resolves; rejects when the worker is gone. */
  readonly gone: Promise<never>;
}

function connect(): Connection {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module', name: 'engine' });
  const gone = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      reject(
        new StudioError({
          code: 'ENGINE_CRASHED',
          title: 'The engine stopped.',
          detail: event.message || 'Its worker ended without a reason; the browser may have run out of memory.',
          hint: 'It has been started again with your model. Try a smaller batch of data or close other tabs if it happens again.',
        }),
      );
    });
  });
  gone.catch(() => {});
  return { worker, remote: wrap<EngineApi>(worker), gone };
}

const feedOf = ({ preprocessing, fit, channels, order }: DataSummary): Feed => ({
  preprocessing,
  fit,
  channels,
  ...(order && { order }),
});

/** Starts the engine's worker, which loads its first backend at once. */
export function createEngineClient(): EngineClient {
  let connection = connect();
  let count = 0;
  /** Opens data once more, fed as it was fed last. */
  const openedData = new Map<DataHandle, (feed: Feed) => (remote: Remote<EngineApi>) => Promise<unknown>>();
  /** Opens a model once more, at the size that was chosen last. */
  const openedModels = new Map<ModelHandle, (size: readonly number[]) => (remote: Remote<EngineApi>) => Promise<unknown>>();
  const reopen = new Map<string, (remote: Remote<EngineApi>) => Promise<unknown>>();

  async function restart(): Promise<void> {
    connection.worker.terminate();
    connection = connect();
    for (const again of reopen.values()) await again(connection.remote);
  }

  async function call<T>(job: (remote: Remote<EngineApi>) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { remote, gone } = connection;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ignored = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => {
        timer = setTimeout(() => reject(new DOMException('Cancelled', 'AbortError')), patience);
      });
    });
    let settled = false;
    const answer = job(remote).finally(() => {
      settled = true;
    });
    answer.catch(() => {});
    try {
      return await Promise.race([answer, gone, ignored]);
    } finally {
      clearTimeout(timer);
      if (!settled) await restart();
    }
  }

  /** Opens something that a new worker must open again; what can't be opened is not tried a second time. */
  async function opening<T>(handle: string, open: (remote: Remote<EngineApi>) => Promise<T>): Promise<T> {
    const opened = await call(open);
    reopen.set(handle, open);
    return opened;
  }

  return {
    restart,
    open: (files, options) => {
      const handle = (options.handle ?? `model-${++count}`) as ModelHandle;
      openedModels.set(handle, (inputSize) => (remote) => remote.open(files, { ...options, inputSize, handle }));
      return opening(handle, (remote) => remote.open(files, { ...options, handle }));
    },
    chooseInputSize: async (handle, size) => {
      const opened = await call((remote) => remote.chooseInputSize(handle, size));
      const again = openedModels.get(handle)?.(size);
      if (again !== undefined && reopen.has(handle)) reopen.set(handle, again);
      return opened;
    },
    teach: async (model, files) => {
      const key = `teacher of ${model}`;
      const taught = await opening(key, (remote) => remote.teach(model, files));
      if (taught === null) reopen.delete(key);
      return taught;
    },
    close: (handle) => {
      reopen.delete(handle);
      reopen.delete(`teacher of ${handle}`);
      openedModels.delete(handle);
      return call((remote) => remote.close(handle));
    },
    archives: (files) => call((remote) => remote.archives(files)),
    openData: (files, options) => {
      const handle = (options.handle ?? `data-${++count}`) as DataHandle;
      const open = (feed: Feed) => (remote: Remote<EngineApi>) => remote.openData(files, { ...options, ...feed, handle });
      openedData.set(handle, open);
      return opening(handle, open({}));
    },
    closeData: (handle) => {
      reopen.delete(handle);
      openedData.delete(handle);
      return call((remote) => remote.closeData(handle));
    },
    arrangeData: async (data, model, change) => {
      const opened = await call((remote) => remote.arrangeData(data, model, change));
      const again = openedData.get(data)?.(feedOf(opened.summary));
      if (again !== undefined && reopen.has(data)) reopen.set(data, again);
      return opened;
    },
    estimate: (...words) => call((remote) => remote.estimate(...words)),
    measureSize: (model, recipe, signal) => call((remote) => remote.measureSize(model, recipe, signal), signal),
    run: (job, onEvent, signal) => call((remote) => remote.run(job, proxy(onEvent), signal), signal),
    trainedSteps: (...words) => call((remote) => remote.trainedSteps(...words)),
    adoptTrained: (...words) => call((remote) => remote.adoptTrained(...words)),
    stopTraining: () => call((remote) => remote.stopTraining()),
    pauseTraining: (paused) => call((remote) => remote.pauseTraining(paused)),
    search: (job, onEvent, onPoint, signal) =>
      call((remote) => remote.search(job, proxy(onEvent), proxy(onPoint), signal), signal),
    channelGroups: (...words) => call((remote) => remote.channelGroups(...words)),
    channelTable: (job, onEvent, signal) => call((remote) => remote.channelTable(job, proxy(onEvent), signal), signal),
    allocateChannels: (...words) => call((remote) => remote.allocateChannels(...words)),
    channelSpeed: (job, onEvent, signal) => call((remote) => remote.channelSpeed(job, proxy(onEvent), signal), signal),
    histogram: (...words) => call((remote) => remote.histogram(...words)),
    write: (job, onEvent, signal) => call((remote) => remote.write(job, proxy(onEvent), signal), signal),
    liveThumbnails: (...words) => call((remote) => remote.liveThumbnails(...words)),
    rowOf: (...words) => call((remote) => remote.rowOf(...words)),
    live: (job, signal) => call((remote) => remote.live(job, signal), signal),
    ask: (job, signal) => call((remote) => remote.ask(job, signal), signal),
    errorPath: (job, onEvent, signal) => call((remote) => remote.errorPath(job, proxy(onEvent), signal), signal),
    compareAnswers: (job, onEvent, signal) =>
      call(async (remote): Promise<AnswersView> => remote.compareAnswers(job, proxy(onEvent), signal), signal),
    samplesAt: (...words) => call((remote) => remote.samplesAt(...words)),
    drawOutputs: (job, signal) => call((remote) => remote.drawOutputs(job, signal), signal),
    deploy: (onEvent, signal) => call((remote) => remote.deploy(proxy(onEvent), signal), signal),
    weigh: (sources, targets, signal) => call((remote) => remote.weigh(sources, targets, signal), signal),
    device: () => call((remote) => remote.device()),
    chooseBackend: (...words) => call((remote) => remote.chooseBackend(...words)),
    probeBackends: (...words) => call((remote) => remote.probeBackends(...words)),
  };
}
