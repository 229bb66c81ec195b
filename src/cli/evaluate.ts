/** `nutshell evaluate`: how good a model is on labelled data. */
import {
  type Context,
  concreteInputs,
  createPredictor,
  type Dataset,
  draw,
  evaluate,
  type Measured,
  StudioError,
} from '../engine/index.ts';
import type { Command } from './arguments.ts';
import { openSubject } from './subject.ts';
import { count, percent, type Result } from './text.ts';

/** Measures accuracy, or the mean absolute error where the data holds values. Throws DATA_LABELS where it holds neither. */
export async function evaluateModel(command: Extract<Command, { command: 'evaluate' }>, context: Context): Promise<Result> {
  const { model, dataset, preprocessing } = await openSubject(command, context);
  const predictor = await createPredictor(model, { inputShapes: concreteInputs(model, dataset) });
  try {
    const some = dataset === null || command.limit === undefined ? dataset : draw(dataset, command.limit).drawn;
    const { before, correct, n, notes } = await evaluate({ predictors: [predictor], dataset: some, preprocessing, context });
    const metric = correct === null ? 'accuracy/mae' : 'accuracy/top1';
    const measured = before[metric];
    if (!measured) throw unlabelled(dataset?.name ?? 'data');
    const { value, interval } = measured;
    const right = correct?.before ?? null;
    const json = {
      metric,
      value,
      correct: right,
      n,
      interval: interval ?? null,
      preprocess: preprocessing,
      ...feedOf(dataset),
      notes,
    };
    const lines = [`${sentence(measured, right, n)}, inputs ${preprocessing}`, ...notes.map(({ text }) => `note: ${text}`)];
    return { json, text: lines.join('\n') };
  } finally {
    predictor.dispose();
  }
}

/** How pictures were fed, for who wants to feed them alike; nothing for other data. */
function feedOf(dataset: Dataset | null) {
  return dataset?.kind === 'images' ? { fit: dataset.fit, channels: dataset.channels, classes: dataset.classNames ?? null } : {};
}

function sentence({ value, interval }: Measured, correct: number | null, n: number): string {
  const figure = correct === null ? (x: number): string => x.toPrecision(4) : percent;
  const range = interval ? ` (95 % interval ${figure(interval[0])} to ${figure(interval[1])})` : '';
  if (correct === null) return `mean absolute error ${figure(value)} on ${count(n)} samples${range}`;
  return `${figure(value)} right, ${count(correct)} of ${count(n)}${range}`;
}

function unlabelled(name: string): StudioError {
  return new StudioError({
    code: 'DATA_LABELS',
    title: 'This data says nothing about accuracy.',
    detail: `"${name}" holds neither labels nor target values.`,
    hint: 'Give labels: class folders, a label column, a second IDX file, or y_test in an .npz.',
  });
}
