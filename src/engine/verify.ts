/**
 * What stands between "written" and "saved": our own reader must find the same codes in the files, and stock TF.js
 * (`tf.loadLayersModel`, a runtime we did not write) must compute on them what our executor computes, batch by batch.
 * Outputs differ by max |a − b| / max |a| over a batch's output.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Context } from './context.ts';
import type { Dataset, Preprocessing } from './data/dataset.ts';
import { StudioError } from './errors.ts';
import type { Format, Loss, OutputFile } from './format.ts';
import { sourceFile } from './formats/files.ts';
import { expressed } from './formats/tfjs-layers/express.ts';
import { storedTensors } from './formats/tfjs-layers/write.ts';
import { type Evaluation, evaluate } from './metrics/evaluate.ts';
import type { Model, Weight } from './model/model.ts';
import type { Figures } from './report.ts';
import type { CreatePredictor, Predictor } from './runtime/predictor.ts';
import { measureTestPart, type TestPart } from './test-part.ts';

/** The largest difference that rounding in another order explains in a whole network. */
export const verifyTolerance = 1e-4;

export interface VerifyJob {
  /** The model that was written, as it was given to the writer. */
  readonly model: Model;
  readonly files: readonly OutputFile[];
  readonly createPredictor: CreatePredictor;
  /** Concrete input shapes without batch, where the model leaves sizes open. */
  readonly inputShapes?: readonly (readonly number[])[];
  /** Our reader of the format. */
  readonly read: Format['read'];
  /** Null: synthetic inputs. */
  readonly dataset: Dataset | null;
  readonly preprocessing: Preprocessing;
  /** The first samples only. */
  readonly limit?: number;
  /** Samples that nothing was chosen by: told apart, beside the whole. */
  readonly test?: Uint32Array;
}

export interface Verification {
  /** `TF.js 4.22.0`. */
  readonly runtime: string;
  readonly samples: number;
  /** The largest scale-aware difference of any batch. */
  readonly maxRelativeError: number;
  /** True where no difference is larger than the arithmetic of two runtimes explains. */
  readonly equal: boolean;
  /** Right answers among the labelled samples; absent where there are no classes. */
  readonly correct?: { readonly ours: number; readonly stock: number };
  /** What stock TF.js measured on the files, and `agreement/top1` with our executor. */
  readonly figures: Figures;
  /** The same on the test part alone; null where there is none. */
  readonly test: TestPart | null;
  /** `Re-opened in stock TF.js: same 9,893 of 10,000, outputs equal within 4e-7.` */
  readonly text: string;
}

export type Tf = typeof import('@tensorflow/tfjs');

/** How a TF.js format is opened again by the runtime that pages load it with. */
export interface Stock {
  /** The model as it stands in the file, and what was lost on the way. */
  express(model: Model): { readonly model: Model; readonly losses: readonly Loss[] };
  /** Its tensors by the names under which our reader finds them. */
  tensors(written: Model): readonly { readonly name: string; readonly weight: Weight }[];
  /** Throws EXPORT_VERIFY where stock TF.js refuses the files. */
  load(tf: Tf, job: VerifyJob, inputShapes: Predictor['inputShapes']): Promise<Predictor>;
}

/** Throws EXPORT_VERIFY where stock TF.js can't load the files or computes something else, or where codes are not read back. */
export function verifyTfjsLayers(job: VerifyJob, context: Context): Promise<Verification> {
  const stock: Stock = {
    express: expressed,
    tensors: storedTensors,
    load: async (tf, { files }, inputShapes) => stockPredictor(tf, await loadStock(tf, files), inputShapes),
  };
  return verifyIn(stock, job, context);
}

/** The same for any TF.js format. */
export async function verifyIn(stock: Stock, job: VerifyJob, context: Context): Promise<Verification> {
  const { model: written, losses } = stock.express(job.model);
  await compareWeights(stock.tensors(written), job, context);
  const tf = await import('@tensorflow/tfjs');
  // Where nothing was lost the file must do what the model does; else what was said before saving.
  const expected = losses.length === 0 ? job.model : written;
  const ours = await job.createPredictor(expected, job.inputShapes ? { inputShapes: job.inputShapes } : {});
  try {
    const predictor = await stock.load(tf, job, ours.inputShapes);
    const watched = watchedPredictors(ours, predictor, verifyTolerance);
    try {
      const { dataset, preprocessing, limit, test: indices } = job;
      const report: Context['report'] = (progress) => context.report({ ...progress, stage: 'verify' });
      const how = { preprocessing, context: { ...context, report } };
      const limited = limit === undefined ? {} : { limit };
      const evaluation = await evaluate({ predictors: watched.predictors, dataset, ...how, ...limited });
      const test = dataset && indices ? await measureTestPart({ dataset, indices, evaluation, predictor, ...how }) : null;
      return verdict({ runtime: `TF.js ${tf.version.tfjs}`, by: 'in stock TF.js' }, evaluation, watched.worst(), test);
    } finally {
      predictor.dispose();
    }
  } finally {
    ours.dispose();
  }
}

async function compareWeights(
  tensors: ReturnType<Stock['tensors']>,
  { files, read }: VerifyJob,
  context: Context,
): Promise<void> {
  const sources = files.map(({ path, bytes }) => sourceFile(path, bytes));
  const reread = await read(sources, { allowNonFinite: true }, context);
  for (const { name, weight } of tensors) {
    const other = reread.weights.get(name);
    if (!other) throw different(`The tensor "${name}" is not found again.`);
    if (!sameWeight(weight, other)) throw different(`The tensor "${name}" is read back with other values or codes.`);
  }
}

function sameWeight(a: Weight, b: Weight): boolean {
  const codes = (weight: Weight): ArrayLike<number> => ('codes' in weight.encoding ? weight.encoding.codes : []);
  return sameNumbers(a.values, b.values) && sameNumbers(codes(a), codes(b));
}

/** True where both hold the same numbers; NaN equals NaN. */
export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return false;
  }
  return true;
}

/** Opens files in stock TF.js without a server. The caller disposes the model. */
export function loadStock(tf: Pick<Tf, 'io' | 'loadLayersModel'>, files: readonly OutputFile[]): Promise<LayersModel> {
  return stockRefusal(() => tf.loadLayersModel(filesHandler(tf, files)));
}

/** Files in memory as TF.js loads them. */
export function filesHandler(tf: Pick<Tf, 'io'>, files: readonly OutputFile[]) {
  const bytesOf = (path: string): Uint8Array<ArrayBuffer> => {
    const file = files.find((candidate) => candidate.path === path);
    if (file) return file.bytes;
    throw different(`The file "${path}" is missing.`);
  };
  const json = JSON.parse(new TextDecoder().decode(bytesOf('model.json')));
  const load = () =>
    tf.io.getModelArtifactsForJSON(json, async (manifest) => {
      const parts = manifest.flatMap((group) => group.paths.map(bytesOf));
      return [tf.io.getWeightSpecs(manifest), await new Blob(parts).arrayBuffer()];
    });
  return { load };
}

/** Throws EXPORT_VERIFY with what stock TF.js says against the files. */
export async function stockRefusal<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw different(`Stock TF.js refuses the file: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function stockPredictor(tf: Tf, model: LayersModel, inputShapes: Predictor['inputShapes']): Predictor {
  return {
    backend: tf.getBackend(),
    inputShapes,
    peakBytes: 0,
    async predict(inputs, count) {
      const outputs = tf.tidy(() => {
        const tensors = inputShapes.map((shape, i) =>
          tf.cast(tf.tensor(inputs[i] ?? new Float32Array(0), [count, ...shape]), model.inputs[i]?.dtype ?? 'float32'),
        );
        const result = model.predict(tensors.length === 1 ? (tensors[0] as Tensor) : tensors);
        return Array.isArray(result) ? result : [result];
      });
      try {
        return await Promise.all(outputs.map(async (output) => (await output.data()) as Float32Array));
      } finally {
        for (const output of outputs) output.dispose();
      }
    },
    dispose: () => model.dispose(),
  };
}

/** Both predictors, the second checked against what the first gave for the same batch. Throws EXPORT_VERIFY beyond the tolerance. */
export function watchedPredictors(first: Predictor, second: Predictor, tolerance: number) {
  let expected: readonly Float32Array[] = [];
  let worst = 0;
  const remembering: Predictor = {
    ...first,
    async predict(inputs, count) {
      const outputs = await first.predict(inputs, count);
      expected = outputs;
      return outputs;
    },
  };
  const checked: Predictor = {
    ...second,
    async predict(inputs, count) {
      const outputs = await second.predict(inputs, count);
      if (outputs.length !== expected.length) throw different('It gives another number of outputs.');
      for (const [i, output] of outputs.entries()) {
        const error = relativeDifference(expected[i] as Float32Array, output);
        // Written so that NaN counts as a difference.
        if (!(error <= tolerance)) throw different(`Its outputs differ by ${error.toPrecision(2)}, relative to the largest.`);
        worst = Math.max(worst, error);
      }
      return outputs;
    },
  };
  return { predictors: [remembering, checked] as const, worst: () => worst };
}

/** max |a − b| / max |a|; NaN where lengths differ or only one of the two is NaN or infinite, 0 where both are alike. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.NaN;
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.NaN;
    difference = Math.max(difference, Math.abs(x - y));
  }
  return difference === 0 ? 0 : difference / largest;
}

/** What a file did, told; `by` says what it was opened again with. */
export function verdict(
  { runtime, by }: { readonly runtime: string; readonly by: string },
  evaluation: Evaluation,
  worst: number,
  test: TestPart | null,
): Verification {
  const count = (n: number): string => n.toLocaleString('en-GB');
  const { n, correct, after, agreement } = evaluation;
  const stock = correct?.after ?? 0;
  const right =
    correct === null
      ? ''
      : correct.before === stock
        ? `same ${count(stock)} of ${count(n)}, `
        : `${count(stock)} of ${count(n)} right against ${count(correct.before)} here, `;
  const equal = worst <= verifyTolerance;
  const alike = equal ? 'outputs equal within' : 'outputs differ by up to';
  const within = worst === 0 ? 'outputs identical' : `${alike} ${worst.toExponential(0)}`;
  return {
    runtime,
    samples: n,
    maxRelativeError: worst,
    equal,
    ...(correct === null ? {} : { correct: { ours: correct.before, stock } }),
    figures: { ...after, ...agreement },
    test,
    text: `Re-opened ${by}: ${right}${within}${correct === null ? ` on ${count(n)} ${evaluation.synthetic ? 'synthetic ' : ''}samples` : ''}.`,
  };
}

export function different(detail: string, cause?: unknown): StudioError {
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
