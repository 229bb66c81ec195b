/** The names and the order of classes for data and the model it is fed to, and how many classes a model tells apart. */
import type { Model } from '../model/model.ts';
import { answerOutput, inferShapes } from '../model/topology.ts';
import { type ClassOrder, checkLabels, classesOf, matchClasses } from './class-order.ts';
import type { Dataset } from './dataset.ts';
import type { Labels } from './labels.ts';

/** Classes that a model tells apart: two for a single output; null where its size is only known at run time. */
export function classesToldApart(model: Model): number | null {
  const width = inferShapes(model)
    .get(model.outputs[answerOutput(model)] ?? '')
    ?.at(-1);
  return width === 1 ? 2 : (width ?? null);
}

export interface NamedOrder {
  /** Null where the data has no classes, or nothing is known of the model. */
  readonly order: ClassOrder | null;
  readonly labels: Labels | null;
}

/**
 * The order that names speak for. Labels `given` with the data must fit and throw LABELS_COUNT or LABELS_UNKNOWN where they do not; those
 * that came with the model are used where they do.
 */
export function orderOf(source: Dataset, given: Labels | null, model: Labels | null, count: number | null): NamedOrder {
  const classes = classesOf(source, count === 2 ? undefined : (count ?? undefined));
  if (given !== null) checkLabels(given, classes, count);
  const labels = given ?? (count !== null && model?.names.length === count ? model : null);
  const outputs = count ?? labels?.names.length ?? null;
  if (classes.length === 0 || outputs === null) return { order: null, labels };
  return { order: matchClasses(classes, { count: outputs, labels }), labels };
}
