/**
 * Input scaling, which is the model's secret: files never say it. Six ways cover the field:
 *
 *   raw x · unit x / 255 · symmetric x / 127.5 − 1 · standardize (x − mean) / deviation, per channel or feature
 *   torch (x / 255 − m) / s with ImageNet's mean and deviation per channel · caffe x − m in BGR, not scaled
 *
 * `symmetric`, `torch` and `caffe` are the modes `tf`, `torch` and `caffe` of Keras' `preprocess_input`. `unit` and `symmetric` are the
 * same formulas for every kind of data; they only make sense for values stored as 0–255. Colours are turned round for
 * data that is fed as BGR; `caffe` always is.
 */
import { elementCount } from '../model/model.ts';
import { dataError } from './data-error.ts';
import type { Dataset, Preprocessing } from './dataset.ts';
import { describeShape } from './fit.ts';
import { measureStatistics, type Statistics } from './statistics.ts';

/** Scales raw values [count, ...shape] in place. */
export type Preprocess = (values: Float32Array) => void;

/** Keras, `imagenet_utils.py`: per channel of RGB for `torch`, of BGR for `caffe`. */
const imageNet = {
  torch: { mean: Float32Array.of(0.485, 0.456, 0.406), deviation: Float32Array.of(0.229, 0.224, 0.225) },
  caffe: { mean: Float32Array.of(103.939, 116.779, 123.68), deviation: Float32Array.of(1, 1, 1) },
} as const;

const scales = { raw: [1, 0], unit: [1 / 255, 0], symmetric: [1 / 127.5, -1], torch: [1 / 255, 0], caffe: [1, 0] } as const;

/** True where a scaling can be meant for samples of this shape: ImageNet's are for three colours. */
export function suits(kind: Preprocessing, shape: readonly number[]): boolean {
  return (kind !== 'torch' && kind !== 'caffe') || (shape.length === 3 && shape[2] === 3);
}

/** The scaling of a dataset's batches of a given shape. Throws DATA_PREPROCESS where ImageNet's is asked for what has no three colours. */
export async function createPreprocess(kind: Preprocessing, dataset: Dataset, shape: readonly number[]): Promise<Preprocess> {
  if (!suits(kind, shape)) throw unsuited(kind, dataset.name, shape);
  const scale = kind === 'standardize' ? standardize(await statisticsFor(dataset, shape)) : scaling(kind);
  const bgr = kind === 'caffe' || dataset.channels === 'bgr';
  const colours = shape.length === 3 && (shape[2] === 3 || shape[2] === 4) ? shape[2] : 0;
  if (!bgr || colours === 0) return scale;
  // Statistics are those of RGB, so `standardize` scales first; ImageNet's are given in the order that is fed.
  return (values) => {
    if (kind === 'standardize') scale(values);
    for (let at = 0; at < values.length; at += colours) {
      const red = values[at] ?? 0;
      values[at] = values[at + 2] ?? 0;
      values[at + 2] = red;
    }
    if (kind !== 'standardize') scale(values);
  };
}

function scaling(kind: Exclude<Preprocessing, 'standardize'>): Preprocess {
  const [factor, offset] = scales[kind];
  const centre = kind === 'torch' || kind === 'caffe' ? standardize(imageNet[kind]) : null;
  return (values) => {
    if (kind !== 'raw')
      for (let index = 0; index < values.length; index++) values[index] = (values[index] ?? 0) * factor + offset;
    centre?.(values);
  };
}

function unsuited(kind: Preprocessing, name: string, shape: readonly number[]): Error {
  return dataError(
    'DATA_PREPROCESS',
    `The data "${name}" can not be scaled as ImageNet's pictures are.`,
    `"${kind}" is defined for three colours; the model takes ${describeShape(shape)}.`,
    'Choose another scaling.',
    { preprocessing: kind, shape: [...shape] },
  );
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
