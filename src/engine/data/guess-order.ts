/**
 * The order of classes that the answers speak for: of all ways to give each class an output of its own, the one with the most right
 * answers on a labelled batch. It uses the labels, so an accuracy measured with it flatters the model; whoever shows it says so.
 */
import { type Context, checkpoint } from '../context.ts';
import { assign } from '../math/assignment.ts';
import { answerOf } from '../metrics/accuracy.ts';
import { elementCount } from '../model/model.ts';
import type { Predictor } from '../runtime/predictor.ts';
import { type ClassOrder, classesOf } from './class-order.ts';
import { dataError } from './data-error.ts';
import type { Dataset, Preprocessing } from './dataset.ts';
import { samplesAt, spreadIndices } from './guess.ts';
import { createPreprocess } from './preprocess.ts';

export interface OrderGuess {
  readonly order: ClassOrder;
  readonly preprocessing: Preprocessing;
  /** Right answers of n with that order. */
  readonly right: number;
  readonly n: number;
}

/** Numbers that are fed at a time, and the most samples that are looked at. */
const portionElements = 2 ** 21;
const mostElements = 2 ** 24;
const mostSamples = 500;

/**
 * Finds the order, and which of some scalings it fits best with; earlier ones win ties. `dataset` counts classes as the data does.
 * Throws DATA_LABELS where there are more classes than outputs.
 */
export async function guessClassOrder(
  predictor: Predictor,
  dataset: Dataset,
  options: { readonly preprocessings: readonly Preprocessing[]; readonly count: number; readonly context: Context },
): Promise<OrderGuess | null> {
  const { preprocessings, count, context } = options;
  const classes = classesOf(dataset, count).length;
  if (classes > count) throw tooMany(dataset.name, classes, count);
  const [shape = []] = predictor.inputShapes;
  const elements = elementCount(shape);
  const indices = spreadIndices(dataset.size, Math.max(32, Math.min(mostSamples, Math.floor(mostElements / elements))));
  let best: OrderGuess | null = null;
  for (const preprocessing of preprocessings) {
    const preprocess = await createPreprocess(preprocessing, dataset, shape);
    const counts = new Float64Array(classes * count);
    const portion = Math.max(1, Math.floor(portionElements / elements));
    for (let start = 0; start < indices.length; start += portion) {
      await checkpoint(context);
      const some = indices.slice(start, start + portion);
      const values = await samplesAt(dataset, some, shape);
      preprocess(values);
      const outputs = (await predictor.predict([values], some.length))[predictor.answer ?? 0] ?? new Float32Array(0);
      for (const [row, index] of some.entries()) {
        const answer = answerOf(outputs, row, outputs.length / some.length);
        const cell = (dataset.labels?.[index] ?? 0) * count + answer;
        if (answer >= 0) counts[cell] = (counts[cell] ?? 0) + 1;
      }
    }
    const outputs = assign(preferringOwn(counts, classes, count), classes, count);
    const right = outputs.reduce((sum, output, number) => sum + (counts[number * count + output] ?? 0), 0);
    if (best === null || right > best.right)
      best = { order: { outputs, by: 'guessed' }, preprocessing, right, n: indices.length };
  }
  return best;
}

/** Where answers leave it open a class keeps its own number; together such preferences are worth less than one answer. */
function preferringOwn(counts: Float64Array, classes: number, count: number): Float64Array {
  return counts.map((value, at) => value + (at % count === Math.floor(at / count) ? 0.5 / classes : 0));
}

function tooMany(name: string, classes: number, outputs: number): Error {
  return dataError(
    'DATA_LABELS',
    'The labels do not fit the model.',
    `The data "${name}" has ${classes} classes; the model tells ${outputs} apart.`,
    'Use the data this model was trained for.',
    { classes, outputs },
  );
}
