/**
 * A written .tflite file as it runs where it is deployed: in Google's LiteRT, sample by sample, beside what the studio simulates; and its
 * time beside that of the same model as a float32 file, in turn. The interpreter is ended when the figures are there.
 */
import { wrap } from 'comlink';
import type { Context } from '../engine/context.ts';
import {
  agreementByClass,
  createPredictor,
  type Dataset,
  draw,
  evaluate,
  type Measured,
  type Model,
  type Predictor,
  type Preprocessing,
  StudioError,
  summarizeLatency,
} from '../engine/index.ts';
import type { Deployed } from './api.ts';
import type { LitertApi } from './litert.worker.ts';

/** Samples that are answered one by one: enough for an interval of half a point around 95 %. */
const most = 2000;
const rounds = 200;
const limitMs = 3000;

export interface DeployedJob {
  /** As it is simulated. */
  readonly model: Model;
  readonly file: Uint8Array<ArrayBuffer>;
  /** The same model as a float32 file. */
  readonly yardstick: Uint8Array<ArrayBuffer>;
  readonly inputShapes: readonly (readonly number[])[];
  readonly dataset: Dataset | null;
  readonly preprocessing: Preprocessing;
}

/** Throws DEPLOY_LITERT where the interpreter does not start or does not take the file, or the signal's reason. */
export async function measureDeployed(job: DeployedJob, context: Context): Promise<Deployed> {
  const worker = new Worker(new URL('./litert.worker.ts', import.meta.url), { type: 'module', name: 'litert' });
  const litert = wrap<LitertApi>(worker);
  const stopped = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => reject(unavailable(event.message)));
    context.signal.addEventListener('abort', () => reject(context.signal.reason));
  });
  stopped.catch(() => {});
  try {
    const [file, yardstick] = await Promise.race([stopped, opened(litert, [job.file, job.yardstick])]);
    if (file === undefined || yardstick === undefined) throw unavailable('It opened no file.');
    const inputs = job.inputShapes.map((shape) => new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5));
    const [fast = [], plain = []] = await Promise.race([stopped, litert.time([file, yardstick], inputs, rounds, limitMs)]);
    const simulated = await createPredictor(job.model, { inputShapes: job.inputShapes });
    try {
      const deployed: Predictor = {
        backend: 'litert',
        inputShapes: simulated.inputShapes,
        peakBytes: 0,
        predict: (batch, count) => Promise.race([stopped, litert.predict(file, batch, count)]),
        dispose: () => {},
      };
      const { preprocessing } = job;
      const dataset = job.dataset && draw(job.dataset, most).drawn;
      const report: Context['report'] = (progress) => context.report({ ...progress, stage: 'deploy' });
      const { n, before, after, agreement, answers, synthetic } = await evaluate({
        predictors: [simulated, deployed],
        dataset,
        preprocessing,
        context: { ...context, report },
        batchSize: 64,
      });
      const { before: yard, after: own } = summarizeLatency({ before: plain, after: fast }, 'LiteRT, one thread, WASM');
      return {
        samples: n,
        synthetic,
        simulated: before,
        deployed: { ...after, ...agreement, ...own },
        classes: answers === null ? [] : agreementByClass(answers, dataset?.labels),
        yardstick: latencyOf(yard),
      };
    } finally {
      simulated.dispose();
    }
  } finally {
    worker.terminate();
  }
}

const latencyOf = (figures: Readonly<Record<string, Measured>>): Measured | null => figures['latency/median'] ?? null;

async function opened(litert: Pick<LitertApi, 'open'>, files: readonly Uint8Array<ArrayBuffer>[]): Promise<number[]> {
  const numbers: number[] = [];
  try {
    for (const file of files) numbers.push(await litert.open(file));
  } catch (error) {
    throw unavailable(error instanceof Error ? error.message : String(error), error);
  }
  return numbers;
}

function unavailable(detail: string, cause?: unknown): StudioError {
  return new StudioError(
    {
      code: 'DEPLOY_LITERT',
      title: 'LiteRT can not run this file here.',
      detail,
      hint: 'The file is saved all the same; measure it on the device that it is for. A newer browser may run it.',
    },
    cause,
  );
}
