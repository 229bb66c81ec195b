/** TimeDistributed: around a layer that treats every step alike anyway it is that layer, and is read as such. */
import { field, isObject, type JsonObject } from '../json.ts';

export interface Inner {
  readonly className: string;
  readonly config: JsonObject;
}

const alike: ReadonlySet<string> = new Set([
  ...['Dense', 'Activation', 'ReLU', 'LeakyReLU', 'ELU', 'Rescaling', 'Dropout', 'GaussianNoise', 'GaussianDropout'],
]);

/** Whether an axis of a layer inside is the last one, whatever stands before it. */
const lastAxis = (config: JsonObject): boolean => [-1, undefined].includes(field(config, 'axis') as number | undefined);

/** The layer that a TimeDistributed is; undefined where it is none. */
export function innerOf(config: JsonObject): Inner | undefined {
  const layer = field(config, 'layer');
  const className = isObject(layer) ? field(layer, 'class_name') : undefined;
  const inner = isObject(layer) ? field(layer, 'config') : undefined;
  if (typeof className !== 'string' || !isObject(inner)) return undefined;
  return alike.has(className) || (className === 'Softmax' && lastAxis(inner)) ? { className, config: inner } : undefined;
}
