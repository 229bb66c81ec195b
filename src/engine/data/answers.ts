/**
 * What an array of answers means: classes, one-hot classes or values to predict. Whole non-negative numbers are both, a class and
 * a value: the model decides (one output and more than two classes: values).
 */
import { elementCount } from '../model/model.ts';
import type { Answers } from './array-dataset.ts';
import { dataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import type { NamedArray } from './npy.ts';

/** Whole numbers up to here can be classes; larger ones are values. */
const maximumClass = 65535;

/** Labels and targets that an array [size, …] stands for. Throws DATA_LENGTH where its first axis is not `size`. */
export function readAnswers(array: NamedArray, size: number, of: string): Answers {
  const [count = 1, ...rest] = array.shape;
  if (count !== size) {
    throw dataError(
      'DATA_LENGTH',
      'There are not as many labels as samples.',
      `"${of}" has ${size} samples, "${array.name}" has ${count} labels.`,
      'Drop the labels that belong to these samples.',
      { samples: size, labels: count },
    );
  }
  const width = elementCount(rest);
  const { values } = array;
  if (width === 1) return numberAnswers(values);
  const hot = rest.length === 1 ? oneHot(values, size, width) : null;
  return hot ? { labels: hot } : { targets: Float32Array.from(values) };
}

/** One number per sample: a value, and a class too where all are whole and not negative. */
export function numberAnswers(values: ArrayLike<number>): Answers {
  const targets = Float32Array.from(values);
  const classes = Array.prototype.every.call(
    values,
    (value: number) => Number.isInteger(value) && value >= 0 && value <= maximumClass,
  );
  return classes ? { labels: Int32Array.from(values), targets } : { targets };
}

function oneHot(values: ArrayLike<number>, size: number, width: number): Int32Array | null {
  const labels = new Int32Array(size);
  for (let row = 0; row < size; row++) {
    let hot = -1;
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column];
      if (value === 1 && hot < 0) hot = column;
      else if (value !== 0) return null;
    }
    if (hot < 0) return null;
    labels[row] = hot;
  }
  return labels;
}

/** What is asked of a model with `outputs` numbers per sample; without a model, what the data alone suggests. */
export function taskOf(dataset: Dataset, outputs?: number): 'classes' | 'values' | 'none' {
  const { labels, targets, size } = dataset;
  if (!labels) return targets ? 'values' : 'none';
  const valued = targets !== undefined && outputs === 1 && targets.length === size && classCount(dataset) > 2;
  return valued ? 'values' : 'classes';
}

/** One more than the highest label, or the number of named classes. */
export function classCount(dataset: Dataset): number {
  let highest = -1;
  for (const label of dataset.labels ?? []) highest = Math.max(highest, label);
  return Math.max(highest + 1, dataset.classNames?.length ?? 0);
}

/** Refuses answers that a model with `outputs` numbers per sample can't give. Throws DATA_LABELS with both counts. */
export function checkAnswers(dataset: Dataset, outputs: number): void {
  const task = taskOf(dataset, outputs);
  if (task === 'none') return;
  const wanted = task === 'classes' ? classCount(dataset) : (dataset.targets?.length ?? 0) / dataset.size;
  const capacity = outputs === 1 && task === 'classes' ? 2 : outputs;
  if (task === 'classes' ? wanted <= capacity : wanted === outputs) return;
  throw dataError(
    'DATA_LABELS',
    'The labels do not fit the model.',
    task === 'classes'
      ? `The data "${dataset.name}" has classes 0 to ${wanted - 1} (${wanted} classes); the model has ${outputs} output${outputs === 1 ? '' : 's'} and tells ${capacity} apart.`
      : `The data "${dataset.name}" has ${wanted} values per sample; the model has ${outputs} outputs.`,
    task === 'classes'
      ? 'Check which column is the label and that classes count from 0, or use the data this model was trained for.'
      : 'Check which column is the target, or use the data this model was trained for.',
    { classes: wanted, outputs },
  );
}
