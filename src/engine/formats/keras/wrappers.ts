/** TimeDistributed: around a layer that treats every step alike anyway it is that layer, and is read as such. */
import type { Json } from '../../model/model.ts';
import { field, isObject, type JsonObject } from '../json.ts';

export interface Inner {
  readonly className: string;
  readonly config: JsonObject;
}

const alike: ReadonlySet<string> = new Set([
  ...['Dense', 'Activation', 'ReLU', 'LeakyReLU', 'ELU', 'Rescaling', 'Dropout', 'GaussianNoise', 'GaussianDropout'],
]);

/** Layers that are the same around all steps, once the axes that they count are counted with the steps. */
const alongAxes: ReadonlySet<string> = new Set(['Softmax', 'BatchNormalization', 'LayerNormalization']);

/** An axis or a list of them with one more in front; those from the last one back stay. */
const shifted = (axis: Json | undefined): Json => {
  if (Array.isArray(axis)) return axis.map(shifted);
  return typeof axis === 'number' && axis > 0 ? axis + 1 : (axis ?? -1);
};

/** The layer that a TimeDistributed is; undefined where it is none. */
export function innerOf(config: JsonObject): Inner | undefined {
  const { className, inner } = wrappedIn(config);
  if (className === undefined || inner === undefined) return undefined;
  if (alike.has(className)) return { className, config: inner };
  return alongAxes.has(className) ? { className, config: { ...inner, axis: shifted(field(inner, 'axis')) } } : undefined;
}

/** What a wrapper is around. */
export function wrappedIn(config: JsonObject): { readonly className?: string; readonly inner?: JsonObject } {
  const layer = field(config, 'layer');
  if (!isObject(layer)) return {};
  const [className, inner] = [field(layer, 'class_name'), field(layer, 'config')];
  return { ...(typeof className === 'string' ? { className } : {}), ...(isObject(inner) ? { inner } : {}) };
}
