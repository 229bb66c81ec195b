/** What an integer graph computes with: codes in row-major order with the grid that they are on. */
import type { FileTensor } from '../formats/tflite/write/file-graph.ts';
import type { Fused } from '../formats/tflite/write/options.ts';
import { roundHalfAway } from '../model/activation-grid.ts';

/** int8, uint8 or int32 codes; int32 are biases and indices. */
export type Codes = Int8Array | Uint8Array | Int32Array;

export interface IntegerTensor {
  readonly shape: readonly number[];
  readonly codes: Codes;
  /** Float32 numbers; one, or one per channel. */
  readonly scale: readonly number[];
  readonly zeroPoint: number;
}

/** Where an operator's output goes. */
export type IntegerOutput = Omit<IntegerTensor, 'codes'>;

/** The grid of a tensor of the file. */
export function outputOf({ shape, grid }: FileTensor): IntegerOutput {
  return { shape, scale: (grid?.scale ?? [1]).map(Math.fround), zeroPoint: grid?.zeroPoint[0] ?? 0 };
}

const constants = new WeakMap<FileTensor, IntegerTensor>();

/** The constant of a file's tensor, unpacked once. */
export function constantOf(tensor: FileTensor): IntegerTensor {
  const known = constants.get(tensor) ?? unpacked(tensor);
  constants.set(tensor, known);
  return known;
}

function unpacked(tensor: FileTensor): IntegerTensor {
  const { data = new Uint8Array(), type } = tensor;
  const bytes = data.slice();
  const codes = type === 'INT32' ? new Int32Array(bytes.buffer) : type === 'INT4' ? nibbles(bytes) : new Int8Array(bytes.buffer);
  return { ...outputOf(tensor), codes };
}

function nibbles(bytes: Uint8Array): Int8Array {
  return Int8Array.from({ length: bytes.length * 2 }, (_, i) => {
    const half = ((bytes[i >> 1] as number) >> (4 * (i & 1))) & 15;
    return half < 8 ? half : half - 16;
  });
}

/** The only scale of a tensor. */
export const scaleOf = ({ scale }: Pick<IntegerTensor, 'scale'>): number => scale[0] as number;

/** Codes that an operator with a fused activation may give: CalculateActivationRangeQuantized. */
export function activationRange(output: IntegerOutput, fused: Fused): readonly [low: number, high: number] {
  const code = (value: number) => output.zeroPoint + roundHalfAway(Math.fround(value / scaleOf(output)));
  const low = fused === 'NONE' ? -128 : Math.max(-128, code(0));
  return [low, fused === 'RELU6' ? Math.min(127, code(6)) : 127];
}

export const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/** The place in a tensor of each element of a larger shape that it is stretched to. */
export function broadcastIndex(shape: readonly number[], to: readonly number[]): Int32Array {
  const index = new Int32Array(sizeOf(to));
  const aligned = [...new Array<number>(to.length - shape.length).fill(1), ...shape];
  for (let at = 0; at < index.length; at++) {
    let [rest, place, stride] = [at, 0, 1];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const size = to[axis] as number;
      const own = aligned[axis] as number;
      if (own > 1) place += (rest % size) * stride;
      stride *= own;
      rest = Math.floor(rest / size);
    }
    index[at] = place;
  }
  return index;
}
