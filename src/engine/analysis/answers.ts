/**
 * What a person should look at after a run: the samples whose answer changed, worst first, and the view that suits the task. Classes:
 * confusion, and for two classes the ROC curve; values: predicted against wanted; pictures: PSNR. Worst is the greatest drop of the
 * probability of the right class (without labels: of the original's answer), where outputs are logits after a softmax.
 */
import { type Context, checkpoint } from '../context.ts';
import { checkAnswers, taskOf } from '../data/answers.ts';
import { looksLikeClasses } from '../metrics/evaluate.ts';
import { elementCount, type Model, type Shape } from '../model/model.ts';
import { rowCounts } from '../model/row-numbers.ts';
import { answerOutput, inferShapes } from '../model/topology.ts';
import { concreteInputs } from '../run.ts';
import { createPredictor, type Executor } from '../runtime/executor.ts';
import { type ClassAnswers, createClassTally } from './class-answers.ts';
import { createPictureTally, type PictureAnswers } from './picture-answers.ts';
import { createSamples, type SampleSource } from './samples.ts';
import { createValueTally, type ValueAnswers } from './value-answers.ts';

export interface AnswersJob extends SampleSource {
  readonly original: Model;
  readonly result: Model;
  /** The first samples only. */
  readonly limit?: number;
  /** At most this many samples in the list; 60 where absent. */
  readonly top?: number;
  readonly context: Context;
}

/** Plain JSON; `index` of a sample is its position in the dataset, or among the synthetic inputs. */
export type AnswersView = (ClassAnswers | ValueAnswers | PictureAnswers) & { readonly n: number; readonly synthetic: boolean };

/** One batch of both models, row-major. */
export interface AnswerBatch {
  readonly start: number;
  readonly count: number;
  readonly inputs: readonly Float32Array[];
  readonly before: Float32Array;
  readonly after: Float32Array;
}

export interface AnswerTally {
  add(batch: AnswerBatch): void;
  result(): ClassAnswers | ValueAnswers | PictureAnswers;
}

const syntheticSamples = 64;
const listed = 60;

/** Compares all answers. Throws DATA_SHAPE or DATA_LABELS where the data does not fit, the signal's reason when cancelled. */
export async function compareAnswers(job: AnswersJob): Promise<AnswersView> {
  const { original, result, dataset, context } = job;
  const inputShapes = concreteInputs(original, dataset);
  const total = Math.min(job.limit ?? Number.POSITIVE_INFINITY, dataset?.size ?? syntheticSamples);
  const perSample = inputShapes.reduce((sum, shape) => sum + elementCount(shape), 0);
  // Small batches, so that a cancelled comparison lets go of the device at once.
  const size = Math.max(1, Math.min(128, Math.floor(2 ** 20 / perSample)));
  const read = await createSamples(job, { inputShapes, rowCounts: rowCounts(original) }, context.rng.integer(2 ** 31));
  const answer = answerOutput(original);
  const shape = inferShapes(original, inputShapes).get(original.outputs[answer] ?? '') ?? [];
  const executors: Executor[] = [];
  let tally: AnswerTally | null = null;
  try {
    for (const model of [original, result]) executors.push(await createPredictor(model, { inputShapes }));
    for (let start = 0; start < total; start += size) {
      await checkpoint(context);
      context.report({ stage: 'answers', done: start, total });
      const count = Math.min(size, total - start);
      const inputs = await read(start, count);
      const outputs: Float32Array[] = [];
      for (const executor of executors) outputs.push((await executor.predict(inputs, count))[answer] ?? new Float32Array(0));
      const [before = new Float32Array(0), after = new Float32Array(0)] = outputs;
      tally ??= tallyFor(job, before, count, total, shape, inputShapes[0] ?? []);
      tally.add({ start, count, inputs, before, after });
    }
  } finally {
    for (const executor of executors) executor.dispose();
  }
  context.report({ stage: 'answers', done: total, total });
  if (tally === null) throw new Error('There was no sample to look at.');
  return { ...tally.result(), n: total, synthetic: dataset === null };
}

/** The view that suits the data and the first outputs. */
function tallyFor(
  { dataset, top = listed }: AnswersJob,
  first: Float32Array,
  count: number,
  total: number,
  shape: Shape,
  input: readonly number[],
): AnswerTally {
  const width = first.length / count;
  if (dataset !== null) checkAnswers(dataset, width);
  const task = dataset === null ? 'none' : taskOf(dataset, width);
  const likely = looksLikeClasses(first, width);
  if (task === 'classes' || (task === 'none' && likely)) {
    const labels = task === 'classes' ? (dataset?.labels ?? null) : null;
    return createClassTally({ labels, width, total, top, probabilities: likely || width === 1 });
  }
  const targets = task === 'values' ? (dataset?.targets ?? null) : null;
  const picture = shape.length === 3 && [1, 3, 4].includes(shape[2] ?? 0);
  return picture ? createPictureTally({ targets, width, input, shape, top }) : createValueTally({ targets, width, top });
}
