/**
 * Answers under the thumb: the original and the latest result on the same few samples, fast enough to follow a slider. The inputs are
 * made and the original answers once; a new result of the same graph only exchanges its weights.
 */
import type { Context } from './context.ts';
import { checkpoint } from './context.ts';
import type { Dataset, Preprocessing } from './data/dataset.ts';
import { samplesAt, spreadIndices } from './data/guess.ts';
import { createPreprocess } from './data/preprocess.ts';
import { joined } from './math/joined.ts';
import { elementCount, type Model } from './model/model.ts';
import { createPredictor, type Executor } from './runtime/executor.ts';

export interface LiveJob {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  /** How many samples are answered at most, spread over the data. */
  readonly count: number;
  readonly inputShapes: readonly (readonly number[])[];
}

/** Row-major [samples, width] outputs of both models. */
export interface Pair {
  readonly before: Float32Array;
  readonly after: Float32Array;
}

export interface Live {
  /** The backend it was made on; it must be made anew on another. */
  readonly backend: string;
  /** Positions of the samples in the data. */
  readonly indices: readonly number[];
  /** Numbers per answer. */
  readonly width: number;
  /** What both models answer on the samples. */
  answer(result: Model, context: Pick<Context, 'signal'>): Promise<Pair>;
  /** What both models answer on one input of raw values, scaled as the data is. */
  ask(result: Model, raw: Float32Array): Promise<Pair>;
  dispose(): void;
}

/** Input numbers answered at a time: all of a hundred digits, seven pictures of 224 × 224. */
const portionElements = 2 ** 20;

/** Loads the original and answers the samples with it. Throws DATA_SHAPE where the data does not fit. */
export async function createLive({ model, dataset, preprocessing, count, inputShapes }: LiveJob): Promise<Live> {
  const [shape = []] = inputShapes;
  const indices = spreadIndices(dataset.size, count);
  const preprocess = await createPreprocess(preprocessing, dataset, shape);
  const inputs = await samplesAt(dataset, indices, shape);
  preprocess(inputs);
  const original = await createPredictor(model, { inputShapes });
  const elements = elementCount(shape);
  const answerOf = async (executor: Executor, values: Float32Array, samples: number): Promise<Float32Array> =>
    (await executor.predict([values], samples))[executor.answer ?? 0] ?? new Float32Array(0);
  /** Answers in portions, between which a newer setting may cut in. */
  async function answerAll(executor: Executor, context: Pick<Context, 'signal'>): Promise<Float32Array> {
    const portion = Math.max(1, Math.floor(portionElements / elements));
    const parts: Float32Array[] = [];
    for (let start = 0; start < indices.length; start += portion) {
      await checkpoint(context);
      const end = Math.min(indices.length, start + portion);
      parts.push(await answerOf(executor, inputs.subarray(start * elements, end * elements), end - start));
    }
    return joined(parts);
  }
  const before = await answerAll(original, { signal: new AbortController().signal });
  let latest: Executor | undefined;

  async function load(result: Model): Promise<Executor> {
    if (latest?.updateWeights(result)) return latest;
    latest?.dispose();
    latest = undefined;
    latest = await createPredictor(result, { inputShapes });
    return latest;
  }

  return {
    backend: original.backend,
    indices,
    width: before.length / indices.length,
    async answer(result, context) {
      await checkpoint(context);
      return { before, after: await answerAll(await load(result), context) };
    },
    async ask(result, raw) {
      const values = raw.slice();
      preprocess(values);
      return { before: await answerOf(original, values, 1), after: await answerOf(await load(result), values, 1) };
    },
    dispose() {
      original.dispose();
      latest?.dispose();
    },
  };
}
