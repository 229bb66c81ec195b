/**
 * Input scaling, which is the model's secret: files never say it. Four ways cover the field:
 *
 *   raw x · unit x / 255 · symmetric x / 127.5 − 1 · standardize (x − mean) / deviation, per channel or feature
 *
 * `unit` and `symmetric` are the same formulas for every kind of data; they only make sense for values stored as 0–255.
 */
import { elementCount } from '../model/model.ts';
import type { Dataset, Preprocessing } from './dataset.ts';
import { measureStatistics, type Statistics } from './statistics.ts';

/** Scales raw values [count, ...shape] in place. */
export type Preprocess = (values: Float32Array) => void;

const fixed: Readonly<Record<Exclude<Preprocessing, 'standardize'>, readonly [scale: number, offset: number]>> = {
  raw: [1, 0],
  unit: [1 / 255, 0],
  symmetric: [1 / 127.5, -1],
};

/** The scaling of a dataset's batches of a given shape. */
export async function createPreprocess(kind: Preprocessing, dataset: Dataset, shape: readonly number[]): Promise<Preprocess> {
  if (kind === 'standardize') return standardize(await statisticsFor(dataset, shape));
  const [scale, offset] = fixed[kind];
  return (values) => {
    if (kind === 'raw') return;
    for (let index = 0; index < values.length; index++) values[index] = (values[index] ?? 0) * scale + offset;
  };
}

function standardize({ mean, deviation }: Statistics): Preprocess {
  return (values) => {
    for (let index = 0; index < values.length; index++) {
      const channel = index % mean.length;
      values[index] = ((values[index] ?? 0) - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
    }
  };
}

/** The dataset's own statistics where they hold for the shape too; measured anew where colours become grey. */
async function statisticsFor(dataset: Dataset, shape: readonly number[]): Promise<Statistics> {
  const own = await dataset.statistics();
  const channels = own.mean.length;
  const flat = shape.length === 1;
  const fits =
    channels === 1 || channels === shape.at(-1) || channels === elementCount(shape) || (flat && dataset.kind === 'images');
  return fits ? own : measureStatistics(dataset, shape);
}
