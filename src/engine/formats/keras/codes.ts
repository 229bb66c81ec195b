/**
 * Layers that Keras 3 quantized (`layer.quantize("int8")` or "int4", keras/src/quantizers): codes in place of the kernel, and behind the
 * other tensors what they stand for. int8 and int4 without blocks say how many codes make one, for each unit of a Dense and each row of
 * an Embedding; int4 in blocks has for each block of a unit or row a step and the code of zero. Two codes of 4 bits share a byte, the first
 * in its lower half. With int8 Keras computes with whole numbers, which it also makes of what flows in, anew for each sample; here weights
 * are what their codes stand for, and what flows in stays as it is.
 */
import { type AffineEncoding, decode, type Encoding, float32 } from '../../model/encoding.ts';
import { field, isObject, type JsonObject } from '../json.ts';
import { problems } from '../problems.ts';
import type { StoredTensor } from './bind.ts';

/** The axis of the kernel that has scales, by class; of an EinsumDense it is the last. */
const scaleAxes: ReadonlyMap<string, number> = new Map([
  ['Dense', 1],
  ['Embedding', 0],
  ['EinsumDense', -1],
]);

interface Mode {
  readonly bits: 4 | 8;
  /** Weights of a unit or a row that share a scale; null where all do. */
  readonly block: number | null;
}

/** How a layer's kernel is stored as codes that are read as such; undefined for any other layer. */
export function codesMode(className: string, config: JsonObject): Mode | undefined {
  const word = policyWord(config);
  const [, mode, block] = /^(int8|int4)(?:\/(-?\d+))?$/.exec(word ?? '') ?? [];
  if (mode === undefined || !scaleAxes.has(className)) return undefined;
  if (className === 'EinsumDense' && !hasUnitsLast(field(config, 'equation'))) return undefined;
  return { bits: mode === 'int8' ? 8 : 4, block: Number(block) > 0 ? Number(block) : null };
}

/** `int8`, `int4/128` …, where the rest of the arithmetic is float32. */
function policyWord(config: JsonObject): string | undefined {
  const dtype = field(config, 'dtype');
  if (typeof dtype === 'string') return /^(.*)_from_float32$/.exec(dtype)?.[1];
  const inner = isObject(dtype) ? field(dtype, 'config') : undefined;
  if (!isObject(inner) || (field(inner, 'source_name') ?? 'float32') !== 'float32') return undefined;
  const mode = field(inner, 'mode');
  return typeof mode === 'string' ? mode : undefined;
}

/** Whether a kernel is [what is summed …, one axis of units]. */
function hasUnitsLast(equation: unknown): boolean {
  const [, x = '', kernel = '', y = ''] = /^(.*),(.*)->(.*)$/.exec(String(equation).replaceAll(' ', '')) ?? [];
  const last = kernel.at(-1) ?? '';
  const summed = [...kernel.slice(0, -1)];
  return (
    last !== '' && !x.includes(last) && y.includes(last) && summed.every((letter) => x.includes(letter) && !y.includes(letter))
  );
}

/** The tensors of such a layer: its kernel with codes, then the others, without what only codes need. */
export function withCodes(
  { bits, block }: Mode,
  layer: { readonly className: string; readonly config: JsonObject; readonly path: string },
  tensors: readonly StoredTensor[],
): readonly StoredTensor[] {
  const [stored, ...others] = tensors;
  const [scales, zeros, places] = others.splice(others.length - (block === null ? 1 : 3));
  if (stored === undefined || scales === undefined || (block !== null && places === undefined)) return tensors;
  const isTable = layer.className === 'Embedding';
  const width = isTable ? Number(field(layer.config, 'output_dim')) : (scales.shape.at(-1) ?? 0);
  const shape = bits === 8 ? stored.shape : [...stored.shape.slice(0, -1), width];
  if (bits === 4 && (shape.length !== 2 || stored.shape[1] !== Math.ceil(width / 2)))
    throw problems.structure(`Layer "${layer.path}"`, 'its int4 kernel is not packed along its last axis');
  const load: StoredTensor['load'] = () => {
    const codes = checked(bits === 8 ? stored.load().values : unpacked(stored.load().values, width), bits, layer.path);
    const steps = stepsOf(scales, zeros, layer.path);
    if (zeros !== undefined && places !== undefined && block !== null) {
      places.load().values.forEach((place, at) => {
        if (place !== Math.floor(at / block)) throw problems.structure(`Layer "${layer.path}"`, 'its blocks are not in order');
      });
    }
    const own = { bits, block, isTable, path: layer.path };
    return { ...decoded(codes, shape, steps, own), converted: false, repair: bits === 8 ? 'KERAS_INT8' : 'KERAS_INT4' };
  };
  return [{ ...stored, shape, load }, ...others];
}

/** Two codes of each byte −128 … 127: its lower half, then its upper. */
function unpacked(bytes: Float32Array, width: number): Float32Array {
  const packed = Math.ceil(width / 2);
  const codes = new Float32Array((bytes.length / packed) * width);
  for (let i = 0; i < codes.length; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    const byte = (bytes[row * packed + (column >> 1)] as number) & 0xff;
    const nibble = column % 2 === 0 ? byte & 15 : byte >> 4;
    codes[i] = nibble > 7 ? nibble - 16 : nibble;
  }
  return codes;
}

function checked(codes: Float32Array, bits: number, path: string): Float32Array {
  const least = -(2 ** (bits - 1));
  if (codes.every((code) => Number.isInteger(code) && code >= least && code < -least)) return codes;
  throw problems.structure(`Layer "${path}"`, `its int${bits} kernel holds other numbers than codes of ${bits} bits`);
}

interface Steps {
  readonly step: Float64Array;
  /** The code that stands for zero. */
  readonly zero: Float64Array;
}

/** Steps from code to code: one over how many make one, or as they are stored beside codes of zero. */
function stepsOf(scales: StoredTensor, zeros: StoredTensor | undefined, path: string): Steps {
  const zero = zeros?.load().values;
  const step = Float64Array.from(scales.load().values, (scale) => (zero === undefined ? 1 / scale : scale));
  if (!step.every((size) => size > 0 && Number.isFinite(size)))
    throw problems.structure(`Layer "${path}"`, 'the scales of its codes are not all positive');
  if (zero !== undefined && zero.length !== step.length)
    throw problems.structure(`Layer "${path}"`, 'not every scale of its codes has a code of zero');
  return { step, zero: Float64Array.from(step, (_, at) => zero?.[at] ?? 0) };
}

/** Codes with their scales; blocks within the rows of a table have none here and become what they stand for. */
function decoded(
  codes: Float32Array,
  shape: readonly number[],
  { step, zero }: Steps,
  { bits, block, isTable, path }: Mode & { readonly isTable: boolean; readonly path: string },
): { readonly values: Float32Array; readonly encoding: Encoding } {
  const width = shape.at(-1) ?? 1;
  const rows = codes.length / width;
  const along = isTable ? width : rows;
  const blocks = block === null ? 1 : Math.ceil(along / block);
  if (step.length !== blocks * (isTable ? rows : width))
    throw problems.structure(`Layer "${path}"`, `its codes have ${step.length} scales, which is not one for each unit`);
  if (isTable && blocks > 1) {
    const values = codes.map((code, at) => {
      const place = Math.floor(at / width) * blocks + Math.floor((at % width) / (block ?? 1));
      return (code - (zero[place] as number)) * (step[place] as number);
    });
    return { values, encoding: float32 };
  }
  const half = 2 ** (bits - 1);
  const encoding: AffineEncoding = {
    ...{ kind: 'affine', bits, symmetric: block === null, axis: isTable ? 0 : shape.length - 1 },
    ...(blocks > 1 && block !== null ? { group: block } : {}),
    scale: step,
    min: step.map((size, at) => (-half - (zero[at] as number)) * size),
    codes: Uint8Array.from(codes, (code) => code + half),
  };
  return { values: decode(encoding, shape), encoding };
}
