/**
 * Data as a model is to be fed with it: a view of a dataset that fits pictures in the chosen way, says which colour comes first and counts
 * classes as the model does. Nothing is copied; whoever measures sees an ordinary dataset.
 */
import type { Note } from '../model/model.ts';
import { type ClassOrder, classesOf } from './class-order.ts';
import type { ChannelOrder, Dataset, Fit } from './dataset.ts';
import type { Labels } from './labels.ts';

export interface Arrangement {
  readonly fit: Fit;
  readonly channels: ChannelOrder;
  /** Null: classes as the data counts them. */
  readonly order: ClassOrder | null;
  /** Names of the model's outputs. */
  readonly labels: Labels | null;
}

/** The view. Its labels and class names are the model's outputs. */
export function arrangeDataset(source: Dataset, { fit, channels, order, labels }: Arrangement): Dataset {
  const { labels: own, notes = [] } = source;
  const said = [...notes, ...orderNotes(source, order)];
  const classNames = namesOf(source, order, labels);
  return {
    ...source,
    fit,
    channels,
    ...(own === undefined || order === null ? {} : { labels: own.map((label) => order.outputs[label] ?? label) }),
    ...(classNames === undefined ? {} : { classNames }),
    ...(said.length === 0 ? {} : { notes: said }),
    batch: (start, count, shape, wanted = fit) => source.batch(start, count, shape, wanted),
  };
}

/** An output is called as the data calls its class; one that the data has no class for as the model does, else by its number. */
function namesOf(source: Dataset, order: ClassOrder | null, labels: Labels | null): readonly string[] | undefined {
  if (order === null) return source.classNames ?? (source.labels === undefined ? labels?.names : undefined);
  const { outputs, by } = order;
  if (by === 'numbers' && labels !== null) return labels.names;
  if (labels === null && outputs.every((output, number) => output === number)) return source.classNames;
  const classes = classesOf(source);
  const length = Math.max(labels?.names.length ?? 0, ...outputs.map((output) => output + 1));
  const names = Array.from({ length }, (_, output) => labels?.names[output] ?? String(output));
  for (const [number, output] of outputs.entries()) names[output] = classes[number] ?? String(number);
  return names;
}

function orderNotes(source: Dataset, order: ClassOrder | null): Note[] {
  if (order === null || order.by === 'data' || order.by === 'numbers') return [];
  if (order.by === 'guessed') {
    const text =
      'The order of the classes was found from the answers themselves: it uses the labels, so accuracy flatters the model.';
    return [{ code: 'CLASS_ORDER_GUESSED', text }];
  }
  if (order.outputs.every((output, number) => output === number)) return [];
  const classes = classesOf(source);
  const some = order.outputs.slice(0, 5).map((output, number) => `${classes[number]} is output ${output}`);
  const more = order.outputs.length > some.length ? ` and ${order.outputs.length - some.length} more` : '';
  return [{ code: 'CLASS_ORDER', text: `Classes were put in the model’s order: ${some.join(', ')}${more}.` }];
}
