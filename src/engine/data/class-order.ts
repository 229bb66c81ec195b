/**
 * Which output of a model stands for which class of the data. Data knows its classes by name (folders, a table) or by number; a model knows
 * its outputs by number and, where a labels file says so, by name. Names are matched by name; names that are whole numbers by number; else the
 * order of the data stands, until somebody chooses another or it is found from the answers.
 */
import { classCount, taskOf } from './answers.ts';
import { dataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import type { Labels } from './labels.ts';

/** How the order came about. */
export type OrderedBy = 'names' | 'numbers' | 'data' | 'chosen' | 'guessed';

export interface ClassOrder {
  /** The model's output for each class of the data. */
  readonly outputs: readonly number[];
  readonly by: OrderedBy;
}

/** What is known of a model's outputs. */
export interface Outputs {
  /** How many classes it tells apart. */
  readonly count: number;
  readonly labels: Labels | null;
}

/** The classes of the data as it was read, by name or by number; empty where it has none. */
export function classesOf(dataset: Dataset, outputs?: number): readonly string[] {
  if (taskOf(dataset, outputs) !== 'classes') return [];
  return Array.from({ length: classCount(dataset) }, (_, number) => dataset.classNames?.[number] ?? String(number));
}

const loose = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');

/** The order that names or numbers speak for, else that of the data. */
export function matchClasses(classes: readonly string[], { count, labels }: Outputs): ClassOrder {
  const named = labels === null ? null : outputsNamed(classes, labels);
  if (named !== null) return { outputs: named, by: 'names' };
  const numbers = classes.map(Number);
  const inRange = numbers.every((number, at) => /^\d+$/.test(classes[at] ?? '') && number < count);
  if (inRange && new Set(numbers).size === classes.length) return { outputs: numbers, by: 'numbers' };
  return { outputs: classes.map((_, number) => number), by: 'data' };
}

/** Null where a class is not among the names, or two classes would be one output. */
function outputsNamed(classes: readonly string[], labels: Labels): number[] | null {
  const outputs = classes.map((name) => outputNamed(name, labels));
  return outputs.every((output) => output >= 0) && new Set(outputs).size === classes.length ? outputs : null;
}

function outputNamed(name: string, { names, ids = [] }: Labels): number {
  for (const known of [names, ids]) {
    const exact = known.indexOf(name);
    if (exact >= 0) return exact;
  }
  const wanted = loose(name);
  return names.findIndex((known) => loose(known) === wanted);
}

/** Refuses labels that were given for this model and data and do not fit them. Throws LABELS_COUNT or LABELS_UNKNOWN. */
export function checkLabels(labels: Labels, classes: readonly string[], count: number | null): void {
  const { file, names } = labels;
  if (count !== null && names.length !== count) {
    throw dataError(
      'LABELS_COUNT',
      `"${file}" has another number of names than the model has classes.`,
      `It holds ${names.length} names; the model tells ${count} classes apart.`,
      'Give one name for each output of the model, in its order.',
      { file, names: names.length, outputs: count },
    );
  }
  const byNumber = classes.every((name) => /^\d+$/.test(name) && Number(name) < names.length);
  const unknown = byNumber ? [] : classes.filter((name) => outputNamed(name, labels) < 0);
  if (unknown.length === 0) return;
  throw dataError(
    'LABELS_UNKNOWN',
    `The data has classes that "${file}" does not name.`,
    `${unknown
      .slice(0, 10)
      .map((name) => `"${name}"`)
      .join(', ')}${unknown.length > 10 ? ` and ${unknown.length - 10} more` : ''}: not among ${names.length} names.`,
    'Name the classes alike in both places, or leave the file out and choose the order by hand.',
    { file, unknown: unknown.slice(0, 20) },
  );
}
