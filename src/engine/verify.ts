/**
 * What stands between "written" and "saved": the files are re-opened in stock TF.js (`tf.loadLayersModel`, a runtime we did not write)
 * and run against our own executor, batch by batch, then read by our own reader, which must find the same codes.
 * Outputs differ by max |a − b| / max |a| over a batch's output.
 */
import type { InferenceModel, Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Context, checkpoint } from './context.ts';
import { StudioError } from './errors.ts';
import type { Format, OutputFile } from './format.ts';
import { expressed } from './formats/tfjs-layers/express.ts';
import { storedTensors } from './formats/tfjs-layers/write.ts';
import type { Model, Weight } from './model/model.ts';
import type { CreatePredictor, Predictor } from './runtime/predictor.ts';

/** The largest difference that rounding in another order explains in a whole network. */
export const verifyTolerance = 1e-4;

export interface VerifyBatch {
  /** One row-major [count, …shape] array per model input. */
  readonly inputs: readonly Float32Array[];
  readonly count: number;
  /** Class of each sample, where known. */
  readonly labels?: Int32Array;
}

export interface Verification {
  /** `TF.js 4.22.0`. */
  readonly runtime: string;
  readonly samples: number;
  /** The largest scale-aware difference of any batch. */
  readonly maxRelativeError: number;
  /** Share of samples for which both give the same class, 0–1; of a single-valued output, on the same side of 0.5. */
  readonly agreement: number;
  /** Right answers among the labelled samples. */
  readonly correct?: { readonly ours: number; readonly stock: number; readonly n: number };
  readonly text: string;
}

export interface VerifyJob {
  /** The model that was written, as it was given to the writer. */
  readonly model: Model;
  readonly files: readonly OutputFile[];
  readonly createPredictor: CreatePredictor;
  /** Concrete input shapes without batch, where the model leaves sizes open. */
  readonly inputShapes?: readonly (readonly number[])[];
  /** Our reader of the format. */
  readonly read: Format['read'];
  readonly batches: AsyncIterable<VerifyBatch> | Iterable<VerifyBatch>;
  /** Samples in all batches, for the progress. */
  readonly total: number;
}

type Tf = typeof import('@tensorflow/tfjs');

/**
 * Compares stock TF.js with our executor on every batch, and the codes in the files with the model's. Throws EXPORT_VERIFY where stock
 * TF.js can't load the files, computes something else, or the codes differ.
 */
export async function verifyTfjsLayers(job: VerifyJob, context: Context): Promise<Verification> {
  const written = expressed(job.model).model;
  await compareWeights(written, job, context);
  const tf = await import('@tensorflow/tfjs');
  const stock = await loadStock(tf, job.files);
  const tally = { samples: 0, agreed: 0, labelled: 0, ours: 0, stock: 0, worst: 0 };
  let predictor: Predictor | undefined;
  try {
    predictor = await job.createPredictor(written, job.inputShapes ? { inputShapes: job.inputShapes } : {});
    for await (const batch of job.batches) {
      await checkpoint(context);
      const ours = await predictor.predict(batch.inputs, batch.count);
      compare(ours, await predictStock(tf, stock, batch, predictor.inputShapes), batch, tally);
      context.report({ stage: 'verify', done: tally.samples, total: job.total });
    }
  } finally {
    predictor?.dispose();
    stock.dispose();
  }
  return verdict(`TF.js ${tf.version.tfjs}`, tally);
}

async function compareWeights(written: Model, { files, read }: VerifyJob, context: Context): Promise<void> {
  const sources = files.map(({ path, bytes }) => ({ path, size: bytes.length, bytes: async () => bytes }));
  const reread = await read(sources, { allowNonFinite: true }, context);
  for (const { name, weight } of storedTensors(written)) {
    const other = reread.weights.get(name);
    if (!other) throw different(`The tensor "${name}" is not found again.`);
    if (!sameWeight(weight, other)) throw different(`The tensor "${name}" is read back with other values or codes.`);
  }
}

function sameWeight(a: Weight, b: Weight): boolean {
  const codes = (weight: Weight): ArrayLike<number> => ('codes' in weight.encoding ? weight.encoding.codes : []);
  return sameNumbers(a.values, b.values) && sameNumbers(codes(a), codes(b));
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false;
  }
  return true;
}

/** Opens files in stock TF.js without a server. The caller disposes the model. */
export async function loadStock(tf: Pick<Tf, 'io' | 'loadLayersModel'>, files: readonly OutputFile[]): Promise<LayersModel> {
  const bytesOf = (path: string): Uint8Array<ArrayBuffer> => {
    const file = files.find((candidate) => candidate.path === path);
    if (file) return file.bytes;
    throw different(`The file "${path}" is missing.`);
  };
  const json = JSON.parse(new TextDecoder().decode(bytesOf('model.json')));
  const load = () =>
    tf.io.getModelArtifactsForJSON(json, async (manifest) => {
      const parts = manifest.flatMap((group) => group.paths.map(bytesOf));
      const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
      return [tf.io.getWeightSpecs(manifest), whole.buffer];
    });
  try {
    return await tf.loadLayersModel({ load });
  } catch (cause) {
    throw different(`Stock TF.js refuses the file: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

async function predictStock(
  tf: Tf,
  model: LayersModel,
  batch: VerifyBatch,
  shapes: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const outputs = tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tf.tensor(batch.inputs[i] ?? new Float32Array(0), [batch.count, ...shape]));
    const result = (model as InferenceModel).predict(inputs.length === 1 ? (inputs[0] as Tensor) : inputs, {});
    return Array.isArray(result) ? result : [result as Tensor];
  });
  try {
    return await Promise.all(outputs.map(async (output) => (await output.data()) as Float32Array));
  } finally {
    for (const output of outputs) output.dispose();
  }
}

interface Tally {
  samples: number;
  agreed: number;
  labelled: number;
  ours: number;
  stock: number;
  worst: number;
}

function compare(ours: readonly Float32Array[], stock: readonly Float32Array[], batch: VerifyBatch, tally: Tally): void {
  if (ours.length !== stock.length || ours.some((output, i) => output.length !== stock[i]?.length)) {
    throw different('It gives outputs of other shapes.');
  }
  ours.forEach((output, i) => {
    const error = relativeDifference(output, stock[i] as Float32Array);
    // Written so that NaN counts as a difference.
    if (!(error <= verifyTolerance)) throw different(`Its outputs differ by ${error.toPrecision(2)}, relative to the largest.`);
    tally.worst = Math.max(tally.worst, error);
  });
  const [a = new Float32Array(0)] = ours;
  const [b = new Float32Array(0)] = stock;
  for (let i = 0; i < batch.count; i++) {
    const mine = predictedClass(a, i, batch.count);
    const theirs = predictedClass(b, i, batch.count);
    tally.samples++;
    if (mine === theirs) tally.agreed++;
    const label = batch.labels?.[i];
    if (label === undefined) continue;
    tally.labelled++;
    if (mine === label) tally.ours++;
    if (theirs === label) tally.stock++;
  }
}

/** max |a − b| / max |a|; values that are NaN or infinite in both count as equal. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (Object.is(x, y) || x === y) {
      if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
      continue;
    }
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.NaN;
    difference = Math.max(difference, Math.abs(x - y));
    largest = Math.max(largest, Math.abs(x));
  }
  return difference === 0 ? 0 : difference / largest;
}

function predictedClass(output: Float32Array, sample: number, count: number): number {
  const width = output.length / count;
  if (width === 1) return (output[sample] ?? 0) > 0.5 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < width; k++) {
    if ((output[sample * width + k] as number) > (output[sample * width + best] as number)) best = k;
  }
  return best;
}

function verdict(runtime: string, tally: Tally): Verification {
  const count = (n: number): string => n.toLocaleString('en-GB');
  const { samples, agreed, labelled, ours, stock, worst } = tally;
  const right =
    ours === stock
      ? `same ${count(ours)} of ${count(labelled)}`
      : `${count(stock)} of ${count(labelled)} right against ${count(ours)} here`;
  const same = `outputs equal within ${worst === 0 ? '0' : worst.toExponential(0)} on ${count(samples)} samples`;
  return {
    runtime,
    samples,
    maxRelativeError: worst,
    agreement: samples === 0 ? 1 : agreed / samples,
    ...(labelled > 0 ? { correct: { ours, stock, n: labelled } } : {}),
    text: `Re-opened in stock TF.js: ${labelled > 0 ? `${right}, ${same}` : same}.`,
  };
}

function different(detail: string, cause?: unknown): StudioError {
  return new StudioError(
    {
      code: 'EXPORT_VERIFY',
      title: 'The file that was written does not do what it should.',
      detail,
      hint: 'Nothing was saved. Please report this with the model and the recipe; another format may work meanwhile.',
    },
    cause,
  );
}
