/**
 * Measures one or two models on the same samples, batch by batch, with figures that sharpen as it goes. With class labels: accuracy;
 * with values: error and R²; with two models also how often they agree. Without data both models see synthetic inputs and only their
 * agreement is told. Cancelling takes effect before the next batch; an output that is not finite is counted and said, never averaged.
 */
import type { KnownAnswers } from '../answer-cache.ts';
import { type Context, checkpoint } from '../context.ts';
import { checkAnswers, taskOf } from '../data/answers.ts';
import { dataError } from '../data/data-error.ts';
import type { Dataset, Preprocessing } from '../data/dataset.ts';
import { createPreprocess } from '../data/preprocess.ts';
import { syntheticInputs } from '../data/synthetic.ts';
import { elementCount, type Note } from '../model/model.ts';
import type { Figures, Paired } from '../report.ts';
import type { Predictor } from '../runtime/predictor.ts';
import { type AccuracyFigures, answerOf, createAccuracyCounter } from './accuracy.ts';
import { createAgreementCounter } from './agreement.ts';
import { createRegressionCounter, type RegressionFigures } from './regression.ts';

export interface EvaluateJob {
  /** The original, and the result where there is one. The caller disposes. */
  readonly predictors: readonly [Predictor] | readonly [Predictor, Predictor];
  /** Null: synthetic inputs. */
  readonly dataset: Dataset | null;
  readonly preprocessing: Preprocessing;
  /** The first samples only. */
  readonly limit?: number;
  readonly batchSize?: number;
  readonly context: Context;
  /** What the first predictor is known to answer: it is asked only for the rest. */
  readonly known?: KnownAnswers;
  /** After each batch, with intervals only where they cost nothing. */
  readonly onPartial?: (evaluation: Evaluation) => void;
}

export interface Evaluation {
  readonly task: 'classes' | 'values' | 'none';
  readonly n: number;
  readonly before: Figures;
  readonly after: Figures | null;
  /** `agreement/top1`, `agreement/max`, `agreement/mean`; empty with one model. */
  readonly agreement: Figures;
  readonly paired: { readonly [metric: string]: Paired };
  /** Right answers; null where there are no classes. */
  readonly correct: { readonly before: number; readonly after: number | null } | null;
  /** The class each sample was given, −1 where an output was not finite; null where outputs are no classes. */
  readonly answers: { readonly before: Int32Array; readonly after: Int32Array | null } | null;
  readonly notes: readonly Note[];
  readonly synthetic: boolean;
}

const syntheticSamples = 64;

/** Runs the whole evaluation. Throws DATA_SHAPE or DATA_LABELS where the data does not fit, the signal's reason when cancelled. */
export async function evaluate(job: EvaluateJob): Promise<Evaluation> {
  const { predictors, dataset, context, limit = Infinity } = job;
  const total = Math.min(limit, dataset?.size ?? syntheticSamples);
  const perSample = predictors[0].inputShapes.reduce((sum, shape) => sum + elementCount(shape), 0);
  const batchSize = job.batchSize ?? Math.max(1, Math.min(128, Math.floor(2 ** 22 / perSample)));
  const inputsAt = await createInputs(job);
  const { answer = 0 } = predictors[0];
  let tally: Tally | null = null;
  for (let start = 0; start < total; start += batchSize) {
    await checkpoint(context);
    context.report({ stage: 'accuracy', done: start, total });
    const count = Math.min(batchSize, total - start);
    const inputs = await inputsAt(start, count);
    const outputs: (readonly Float32Array[])[] = [];
    for (const predictor of predictors) {
      const known = predictor === predictors[0] ? job.known : undefined;
      // The last batch is always asked: its peak of memory is what the run tells.
      const before = start + count < total ? known?.at(start, count) : undefined;
      const answers = before ?? (await predictor.predict(inputs, count));
      if (before === undefined) known?.keep(start, count, answers);
      outputs.push(answers);
    }
    const [before, after] = outputs.map((all) => all[answer] ?? new Float32Array(0));
    if (!before) continue;
    tally ??= createTally(job, before, outputs[0]?.length ?? 1, count, total);
    tally.add(before, after ?? null, start, count);
    job.onPartial?.(tally.result(false));
  }
  context.report({ stage: 'accuracy', done: total, total });
  return tally?.result(true) ?? nothing(dataset === null);
}

function nothing(synthetic: boolean): Evaluation {
  return {
    task: 'none',
    n: 0,
    before: {},
    after: null,
    agreement: {},
    paired: {},
    correct: null,
    answers: null,
    notes: [],
    synthetic,
  };
}

async function createInputs({ predictors, dataset, preprocessing, context }: EvaluateJob) {
  const { inputShapes: shapes, rowCounts } = predictors[0];
  if (!dataset) {
    const seed = context.rng.integer(2 ** 31);
    return async (start: number, count: number): Promise<Float32Array[]> =>
      syntheticInputs(shapes, start, count, seed, rowCounts);
  }
  const [shape = [], ...others] = shapes;
  if (others.length > 0) {
    throw dataError(
      'DATA_SHAPE',
      `The data "${dataset.name}" does not fit the model's inputs.`,
      `The model takes ${shapes.length} inputs; a data file fills one.`,
      'Measure without data: agreement on synthetic inputs is still told.',
      { inputs: shapes.length },
    );
  }
  const preprocess = await createPreprocess(preprocessing, dataset, shape);
  return async (start: number, count: number): Promise<Float32Array[]> => {
    const values = await dataset.batch(start, count, shape);
    preprocess(values);
    return [values];
  };
}

interface Tally {
  add(before: Float32Array, after: Float32Array | null, start: number, count: number): void;
  result(intervals: boolean): Evaluation;
}

/** What is counted becomes known with the first outputs: how many numbers a model gives, and whether they look like classes. */
function createTally(job: EvaluateJob, first: Float32Array, outputs: number, count: number, total: number): Tally {
  const { dataset, context } = job;
  const width = first.length / count;
  if (dataset) checkAnswers(dataset, width);
  const task = dataset ? taskOf(dataset, width) : 'none';
  const classes = task === 'classes' || (task === 'none' && looksLikeClasses(first, width));
  const two = job.predictors.length === 2;
  const accuracy = createAccuracyCounter(width);
  const regression = createRegressionCounter(width, task === 'values' ? context.rng.integer(2 ** 31) : 0);
  const agreement = createAgreementCounter(width, classes, dataset === null);
  const answers = classes ? { before: new Int32Array(total), after: two ? new Int32Array(total) : null } : null;
  let n = 0;
  return {
    add(before, after, start, size) {
      n += size;
      if (task === 'classes') accuracy.add(before, after, dataset?.labels?.subarray(start, start + size) ?? []);
      if (task === 'values') {
        const targets = dataset?.targets?.subarray(start * width, (start + size) * width);
        regression.add(before, after, targets ?? new Float32Array(0));
      }
      if (after) agreement.add(before, after, size);
      for (let index = 0; answers && index < size; index++) {
        answers.before[start + index] = answerOf(before, index, width);
        if (after && answers.after) answers.after[start + index] = answerOf(after, index, width);
      }
    },
    result(intervals) {
      const measured = task === 'classes' ? accuracy.figures() : task === 'values' ? regression.figures({ intervals }) : null;
      return {
        task,
        n,
        before: measured?.before ?? {},
        after: measured?.after ?? null,
        agreement: two ? agreement.figures().figures : {},
        paired: measured?.paired ?? {},
        correct: measured && 'correct' in measured ? measured.correct : null,
        answers: answers && { before: answers.before.slice(0, n), after: answers.after?.slice(0, n) ?? null },
        notes: [...notesOf(measured, outputs, job.predictors[0].answer ?? 0, n, dataset === null), ...(dataset?.notes ?? [])],
        synthetic: dataset === null,
      };
    },
  };
}

/** Probabilities over two or more classes: each sample's outputs are not negative and add up to one. */
export function looksLikeClasses(outputs: Float32Array, width: number): boolean {
  if (width < 2) return false;
  for (let start = 0; start < outputs.length; start += width) {
    const sample = outputs.subarray(start, start + width);
    const sum = sample.reduce((total, value) => total + value, 0);
    if (!(Math.abs(sum - 1) < 1e-3) || sample.some((value) => value < 0)) return false;
  }
  return true;
}

function notesOf(
  measured: AccuracyFigures | RegressionFigures | null,
  outputs: number,
  answer: number,
  n: number,
  synthetic: boolean,
): Note[] {
  const notes: Note[] = [];
  if (synthetic)
    notes.push({
      code: 'SYNTHETIC_INPUT',
      text: 'No data was given: both models saw synthetic inputs, so nothing is said about accuracy.',
    });
  if (outputs > 1)
    notes.push({ code: 'ONE_OUTPUT', text: `The model has ${outputs} outputs; number ${answer + 1} is measured.` });
  if (!measured) return notes;
  const { unanswered } = measured;
  if (typeof unanswered === 'number') {
    if (unanswered > 0) {
      notes.push({
        code: 'OUTPUT_NOT_FINITE',
        text: `${unanswered} of ${n} samples had an output that is not finite and were left out.`,
      });
    }
    if (measured.n > 0 && !measured.before['accuracy/r2']) {
      notes.push({ code: 'TARGETS_CONSTANT', text: 'All targets are the same, so R² is not defined.' });
    }
    return notes;
  }
  for (const [model, count] of [
    ['original', unanswered.before],
    ['result', unanswered.after],
  ] as const) {
    if (count > 0) {
      notes.push({
        code: 'OUTPUT_NOT_FINITE',
        text: `The ${model} gave an output that is not finite for ${count} of ${n} samples; they count as wrong.`,
      });
    }
  }
  return notes;
}
