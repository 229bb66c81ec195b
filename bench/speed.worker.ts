/** The engine in a worker of Chromium, as the studio runs it: times steps of training and batches of inference on request. */
import * as tf from '@tensorflow/tfjs-core';
import { tfjsLayers } from '../src/engine/formats/tfjs-layers/index.ts';
import { createRng } from '../src/engine/math/rng.ts';
import { elementCount, type Model } from '../src/engine/model/model.ts';
import { configureBackends, startBackend } from '../src/engine/runtime/backends.ts';
import { createPredictor } from '../src/engine/runtime/executor.ts';
import { requireGradients } from '../src/engine/train/backend.ts';
import { type SpeedNet, speedNets } from './speed-nets.ts';
import { stockModel } from './stock-model.ts';
import { profile, trainingStep } from './train-step.ts';

/** A model of the asker's, as a TF.js layers-model. */
export interface GivenModel {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly base64: string }[];
}

export interface SpeedRequest {
  /** `stock` is `LayersModel.predict` of stock TF.js. */
  readonly job: 'train' | 'infer' | 'stock' | 'profile' | 'product' | 'threads';
  readonly backend: 'simd' | 'wasm';
  readonly net: SpeedNet | GivenModel;
  readonly batch: number;
  readonly milliseconds: number;
}

type Step = () => Promise<unknown>;

configureBackends({
  wasmPaths: '/node_modules/@tensorflow/tfjs-backend-wasm/dist/',
  simd: {
    threads: navigator.hardwareConcurrency,
    startHelper: () => new Worker(new URL('../src/workers/simd-helper.worker.ts', import.meta.url), { type: 'module' }),
  },
});

const steps = new Map<string, Step>();

async function stepFor({ job, backend, net, batch }: SpeedRequest): Promise<Step> {
  const name = typeof net === 'string' ? net : `given ${net.name}`;
  const key = [job === 'profile' ? 'train' : job, backend, name, batch].join(' ');
  const known = steps.get(key);
  if (known !== undefined) return known;
  const step = await makeStep(job, net, batch);
  steps.set(key, step);
  return step;
}

async function opened({ files }: GivenModel): Promise<Model> {
  const sources = files.map(({ path, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return { path, size: bytes.length, bytes: async () => bytes };
  });
  return tfjsLayers.read(sources, {}, { signal: new AbortController().signal, report: () => {}, rng: createRng(1) });
}

async function makeStep(job: SpeedRequest['job'], net: SpeedRequest['net'], batch: number): Promise<Step> {
  if (job === 'product') {
    const [a, b] = [tf.randomNormal([512, 512]), tf.randomNormal([512, 512])];
    return async () => tf.matMul(a, b).dispose();
  }
  const model = typeof net === 'string' ? speedNets[net]() : await opened(net);
  if (job === 'train' || job === 'profile') return trainingStep(model, batch);
  const shape = (model.inputs[0]?.shape ?? []) as number[];
  const rng = createRng(1);
  const input = Float32Array.from({ length: batch * elementCount(shape) }, () => rng.normal());
  if (job === 'infer') {
    const predictor = await createPredictor(model);
    return () => predictor.predict([input], batch);
  }
  const stock = await stockModel(model);
  return async () => {
    const x = tf.tensor(input, [batch, ...shape]);
    const y = stock.predict(x, { batchSize: batch }) as tf.Tensor;
    await y.data();
    tf.dispose([x, y]);
  };
}

/** Milliseconds of the fastest step: what another program takes of the machine only makes steps longer. */
async function timed(step: Step, milliseconds: number): Promise<number> {
  await step();
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + milliseconds;
  do {
    const start = performance.now();
    await step();
    least = Math.min(least, performance.now() - start);
  } while (performance.now() < end);
  return least;
}

async function answer(request: SpeedRequest): Promise<unknown> {
  await startBackend(request.backend);
  await requireGradients();
  if (request.job === 'threads') {
    const { machine } = tf.backend() as unknown as { machine?: { threads: number; build: string } };
    return { threads: machine?.threads ?? 1, build: machine?.build ?? 'stock' };
  }
  const step = await stepFor(request);
  return request.job === 'profile' ? profile(step) : timed(step, request.milliseconds);
}

self.onmessage = ({ data }: MessageEvent<SpeedRequest>) => {
  answer(data).then(
    (result) => self.postMessage({ result }),
    (error: unknown) => self.postMessage({ error: String((error as Error).stack ?? error) }),
  );
};
