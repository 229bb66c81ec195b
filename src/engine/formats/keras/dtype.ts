/** What a layer's configuration says about number formats and names that differ between Keras versions: refused, or read and noted. */
import { excerpt, field, isObject } from '../json.ts';
import { problems } from '../problems.ts';
import type { Notes } from '../repairs.ts';
import { codesMode } from './codes.ts';
import type { LayerSpec } from './topology.ts';

const renamedActivations = new Set(['silu', 'hard_silu', 'hard_swish']);

/** Notes the spellings of Keras 3 in a layer; throws FORMAT_KERAS_QUANTIZED for a layer whose arithmetic is quantized in a way that is not read. */
export function noteSpelling(layer: LayerSpec, path: string, notes: Notes): void {
  const activation = field(layer.config, 'activation');
  if (typeof activation === 'string' && renamedActivations.has(activation)) notes.add('KERAS_ACTIVATION_NAME', path);
  if (layer.className === 'LeakyReLU' && field(layer.config, 'negative_slope') !== undefined) {
    notes.add('KERAS_NEGATIVE_SLOPE', path);
  }
  // Its codes are noted with its weights.
  if (codesMode(layer.className, layer.config) !== undefined) return;
  const dtype = field(layer.config, 'dtype');
  if (isObject(dtype)) notes.add('KERAS_DTYPE_POLICY');
  const inner = isObject(dtype) ? field(dtype, 'config') : undefined;
  const mode = isObject(inner) ? field(inner, 'mode') : undefined;
  const policy = isObject(inner) ? (mode ?? field(inner, 'name') ?? field(inner, 'source_name')) : dtype;
  const className = isObject(dtype) ? field(dtype, 'class_name') : undefined;
  const quantized =
    typeof className === 'string' && className !== 'DTypePolicy' && /Quantized|Int4|GPTQ|AWQ|Float8/i.test(className);
  if (quantized || typeof mode === 'string' || (typeof policy === 'string' && /_from_|gptq|awq/.test(policy))) {
    throw problems.quantizedPolicy(path, typeof policy === 'string' ? policy : excerpt(dtype));
  }
  if (typeof policy === 'string' && policy !== 'float32') notes.add('KERAS_MIXED_PRECISION', path);
}
