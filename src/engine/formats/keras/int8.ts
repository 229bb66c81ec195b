/**
 * Layers that Keras 3 quantized (`layer.quantize("int8")`, keras/src/quantizers): codes −127 … 127 in place of the kernel, and behind the
 * other tensors how many codes make one, for each unit of a Dense and each row of an Embedding. Keras then computes with whole numbers,
 * which it also makes of what flows in, anew for each sample; here weights are what their codes stand for, and what flows in stays as it is.
 */
import { type AffineEncoding, decode } from '../../model/encoding.ts';
import { field, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import type { StoredTensor } from './bind.ts';

/** The axis of the kernel that has scales, by class. */
const scaleAxes: ReadonlyMap<string, number> = new Map([
  ['Dense', 1],
  ['Embedding', 0],
]);

/** True for a layer whose kernel is codes of 8 bits that are read as such. */
export function isInt8(className: string, config: JsonObject): boolean {
  const dtype = field(config, 'dtype');
  const inner = isObject(dtype) ? field(dtype, 'config') : undefined;
  const plain = isObject(inner) && (field(inner, 'source_name') ?? 'float32') === 'float32';
  const int8 = isObject(dtype) ? plain && field(inner, 'mode') === 'int8' : dtype === 'int8_from_float32';
  return int8 && scaleAxes.has(className);
}

/** The tensors of such a layer: its kernel with codes, then the others, its scales left out. */
export function withCodes(className: string, path: string, tensors: readonly StoredTensor[]): readonly StoredTensor[] {
  const [kernel, ...others] = tensors;
  const scales = others.pop();
  const axis = scaleAxes.get(className) ?? 0;
  if (kernel === undefined || scales?.shape.length !== 1 || scales.shape[0] !== kernel.shape[axis]) return tensors;
  const load: StoredTensor['load'] = () => {
    const encoding = encodingOf(kernel.load().values, scales.load().values, axis, path);
    return { values: decode(encoding, kernel.shape), encoding, converted: false, repair: 'KERAS_INT8' };
  };
  return [{ ...kernel, load }, ...others];
}

function encodingOf(codes: Float32Array, perOne: Float32Array, axis: number, path: string): AffineEncoding {
  if (!codes.every((code) => Number.isInteger(code) && code >= -128 && code <= 127))
    throw problems.structure(`Layer "${path}"`, 'its int8 kernel holds other numbers than codes of 8 bits');
  if (!perOne.every((count) => count > 0 && Number.isFinite(1 / count)))
    throw problems.structure(`Layer "${path}"`, 'the scales of its int8 kernel are not all positive');
  const scale = Float64Array.from(perOne, (count) => 1 / count);
  return {
    kind: 'affine',
    bits: 8,
    symmetric: true,
    axis,
    scale,
    min: scale.map((step) => -128 * step),
    codes: Uint8Array.from(codes, (code) => code + 128),
  };
}
