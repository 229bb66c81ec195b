/** What recurrent layers say about states and dropout: noted where it changes no answer to a single sequence, else refused. */
import type { StudioError } from '../../errors.ts';
import { field, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';

interface Layer {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
}

/** A layer whose states come from other layers or go to them. */
export function statesProblem({ name, className }: Layer, what: string): StudioError {
  return problems.unsupportedLayer(
    name,
    className,
    `${what}; here every sequence starts from zeros, and only the output goes on.`,
    'Save the part of the model that needs no states on its own, with return_state=False.',
  );
}

/** Notes what is left out; throws FORMAT_KERAS_UNSUPPORTED_LAYER for states that are given to it. */
export function noteRecurrence(layer: Layer, inputs: number, path: string, notes: Notes): void {
  if (inputs > 1) throw statesProblem(layer, 'It is given its first states by other layers');
  const wrapped = field(layer.config, 'layer');
  const inner = isObject(wrapped) ? field(wrapped, 'config') : undefined;
  for (const config of [layer.config, inner]) {
    if (!isObject(config)) continue;
    if (field(config, 'stateful') === true) notes.add('KERAS_STATEFUL', path);
    const rates = [field(config, 'dropout'), field(config, 'recurrent_dropout')];
    if (rates.some((rate) => typeof rate === 'number' && rate > 0)) notes.add('KERAS_RECURRENT_DROPOUT', path);
  }
}
