/**
 * The figure on the samples that nothing was chosen by: a search looks at the exploring part alone (`data/split.ts`), so that what it
 * finds is flattered there and not on the test part. Measured where a file is verified, by the runtime that will run it.
 */
import type { Dataset } from './data/dataset.ts';
import { subset } from './data/split.ts';
import { proportion } from './metrics/accuracy.ts';
import { type EvaluateJob, type Evaluation, evaluate } from './metrics/evaluate.ts';
import type { Figures, Measured } from './report.ts';
import type { Predictor } from './runtime/predictor.ts';

export interface TestPart {
  readonly samples: number;
  /** `accuracy/top1`, or the error and R² of values. */
  readonly figures: Figures;
  /** `On the 8,000 samples that a search never sees: 98.9 % right (98.6–99.1 %).` */
  readonly text: string;
}

/** Where the samples lie in the data that a whole evaluation has just gone through. */
export interface TestJob extends Pick<EvaluateJob, 'preprocessing' | 'context'> {
  readonly dataset: Dataset;
  readonly indices: Uint32Array;
  /** Of the original and the file, in the order of the data. */
  readonly evaluation: Evaluation;
  readonly predictor: Predictor;
}

/** Classes are read off the answers that were just given; values are measured anew. Null where there is nothing to be right about. */
export async function measureTestPart(job: TestJob): Promise<TestPart | null> {
  const { dataset, evaluation, predictor, preprocessing, context } = job;
  const { labels } = dataset;
  const indices = job.indices.filter((index) => index < evaluation.n);
  const answers = evaluation.answers?.after;
  if (indices.length === 0 || evaluation.task === 'none') return null;
  if (evaluation.task === 'classes' && answers && labels) {
    const right = indices.reduce((sum, index) => sum + Number(answers[index] === labels[index]), 0);
    return told(indices.length, { 'accuracy/top1': proportion(right, indices.length) });
  }
  const part = subset(dataset, indices, dataset.statistics);
  const { n, before } = await evaluate({ predictors: [predictor], dataset: part, preprocessing, context });
  return told(n, before);
}

function told(samples: number, figures: Figures): TestPart {
  const [right, error] = [figures['accuracy/top1'], figures['accuracy/mae']];
  const figure = right ? inWords(right, 100, ' %', ' right') : error ? inWords(error, 1, '', ' mean absolute error') : '–';
  return { samples, figures, text: `On the ${samples.toLocaleString('en-GB')} samples that a search never sees: ${figure}.` };
}

function inWords({ value, interval }: Measured, scale: number, unit: string, what: string): string {
  const say = (number: number): string => (number * scale).toPrecision(3);
  return `${say(value)}${unit}${what}${interval === undefined ? '' : ` (${interval.map(say).join('–')}${unit})`}`;
}
