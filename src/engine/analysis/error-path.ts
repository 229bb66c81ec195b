/**
 * Where an error comes in and what becomes of it: every layer's output in the original against the result, on the same samples.
 *
 *   SQNR = 10 · log10(Σy² / Σ(y − ŷ)²) dB,   cosine = Σyŷ / √(Σy² · Σŷ²)
 *
 * Layers are matched by the value they make, so that a layer into which a normalization was folded is compared with the
 * normalization; what only one of the models computes is left out. Memory is bounded: a batch's activations hold at most 2²³ numbers,
 * or those of a single sample.
 */
import { type Context, checkpoint } from '../context.ts';
import { elementCount, type Model, type ValueId } from '../model/model.ts';
import { rowCounts } from '../model/row-numbers.ts';
import { inferShapes } from '../model/topology.ts';
import { concreteInputs } from '../run.ts';
import { createPredictor, type Executor } from '../runtime/executor.ts';
import { createSamples, type SampleSource } from './samples.ts';

export interface ErrorPathJob extends SampleSource {
  readonly original: Model;
  readonly result: Model;
  /** At most this many samples; 32 where absent. */
  readonly samples?: number;
  readonly context: Context;
}

export interface LayerError {
  /** The layer's name in the result. */
  readonly layer: string;
  readonly op: string;
  /** dB; null where nothing differs or the original's output is all zero. */
  readonly sqnr: number | null;
  /** −1 … 1; null where either output is all zero. */
  readonly cosine: number | null;
  /** Σ(y − ŷ)² / Σy² above the worst of the layers it reads from: the share of noise that comes in here. 0 where it gets no worse. */
  readonly added: number;
  /** Numbers left out because they were not finite in one of the models. */
  readonly notFinite: number;
}

export interface ErrorPath {
  /** In the order in which the layers run. */
  readonly layers: readonly LayerError[];
  /** Of the layers whose weights were changed, the one that adds most noise; null where none adds any. */
  readonly culprit: string | null;
  /** Layers of the result that make a value the original does not have. */
  readonly skipped: readonly string[];
  readonly samples: number;
  readonly synthetic: boolean;
  /** The model runs as a whole, so that nothing between its layers can be seen; absent where it can. */
  readonly whole?: true;
}

const mostSamples = 32;
const mostActivations = 2 ** 23;

interface Sums {
  signal: number;
  noise: number;
  product: number;
  energy: number;
  notFinite: number;
}

/** Measures the error path. Throws DATA_SHAPE where the data does not fit, the signal's reason when cancelled. */
export async function measureErrorPath(job: ErrorPathJob): Promise<ErrorPath> {
  const { original, result, dataset, context } = job;
  if (original.graph !== undefined) return { layers: [], culprit: null, skipped: [], samples: 0, synthetic: false, whole: true };
  const inputShapes = concreteInputs(original, dataset);
  const total = Math.min(job.samples ?? mostSamples, mostSamples, dataset?.size ?? mostSamples);
  const read = await createSamples(job, { inputShapes, rowCounts: rowCounts(original) }, context.rng.integer(2 ** 31));
  const perSample = [...inferShapes(original, inputShapes).values()].reduce(
    (sum, shape) => sum + elementCount(shape.map(one)),
    0,
  );
  const size = Math.max(1, Math.min(total, Math.floor(mostActivations / perSample)));
  const sums = new Map<ValueId, Sums>();
  const executors: Executor[] = [];
  try {
    for (const model of [original, result]) executors.push(await createPredictor(model, { inputShapes }));
    const [before, after] = executors as [Executor, Executor];
    for (let start = 0; start < total; start += size) {
      await checkpoint(context);
      context.report({ stage: 'error-path', done: start, total });
      const count = Math.min(size, total - start);
      await compareBatch(before, after, await read(start, count), count, sums);
    }
  } finally {
    for (const executor of executors) executor.dispose();
  }
  context.report({ stage: 'error-path', done: total, total });
  return { ...pathOf(original, result, sums), samples: total, synthetic: dataset === null };
}

const one = (size: number | null): number => size ?? 1;

async function compareBatch(
  before: Executor,
  after: Executor,
  inputs: readonly Float32Array[],
  count: number,
  sums: Map<ValueId, Sums>,
): Promise<void> {
  const kept = new Map<ValueId, Float32Array>();
  await before.observe(inputs, count, ({ outputs: [value = ''] }, values) => kept.set(value, values));
  await after.observe(inputs, count, ({ outputs: [value = ''] }, values) => {
    const reference = kept.get(value);
    kept.delete(value);
    if (reference?.length !== values.length) return;
    const sum = sums.get(value) ?? { signal: 0, noise: 0, product: 0, energy: 0, notFinite: 0 };
    for (let i = 0; i < values.length; i++) {
      const y = reference[i] as number;
      const z = values[i] as number;
      if (!Number.isFinite(y) || !Number.isFinite(z)) {
        sum.notFinite++;
        continue;
      }
      sum.signal += y * y;
      sum.noise += (y - z) ** 2;
      sum.product += y * z;
      sum.energy += z * z;
    }
    sums.set(value, sum);
  });
}

function pathOf(
  original: Model,
  result: Model,
  sums: ReadonlyMap<ValueId, Sums>,
): Pick<ErrorPath, 'layers' | 'culprit' | 'skipped'> {
  const share = (value: ValueId | undefined): number => {
    const { noise = 0, signal = 0 } = sums.get(value ?? '') ?? {};
    return signal === 0 ? 0 : noise / signal;
  };
  const layers: LayerError[] = [];
  const skipped: string[] = [];
  let culprit: LayerError | null = null;
  for (const { name, op, inputs, outputs, weights } of result.nodes) {
    const sum = sums.get(outputs[0] ?? '');
    if (sum === undefined) {
      skipped.push(name);
      continue;
    }
    const added = Math.max(0, share(outputs[0]) - Math.max(0, ...inputs.map(share)));
    const layer: LayerError = { layer: name, op, ...figuresOf(sum), added, notFinite: sum.notFinite };
    layers.push(layer);
    const changed = Object.values(weights).some((id) => result.weights.get(id) !== original.weights.get(id));
    if (changed && added > (culprit?.added ?? 0)) culprit = layer;
  }
  return { layers, culprit: culprit?.layer ?? null, skipped };
}

function figuresOf({ signal, noise, product, energy }: Sums): Pick<LayerError, 'sqnr' | 'cosine'> {
  const cosine = signal > 0 && energy > 0 ? product / Math.sqrt(signal * energy) : null;
  return {
    sqnr: noise === 0 || signal === 0 ? null : 10 * Math.log10(signal / noise),
    // Rounding must not leave the range.
    cosine: cosine === null ? null : Math.min(1, Math.max(-1, cosine)),
  };
}
