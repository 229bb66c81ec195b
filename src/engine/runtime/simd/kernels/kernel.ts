/**
 * How a kernel of the SIMD module is called. The module exports `name(args, begin, end, scratch)`: `args` points to a block of 32-bit words
 * that a descriptor made (tensors are byte offsets), the work is cut into blocks whose number depends on shapes only, and a call does
 * blocks `begin` to `end`. So any number of threads gives the same bits. `scratch` is the calling thread's own memory, on 16 bytes.
 *
 * Kernels may load, never store, up to `spareBytes` behind a tensor: memory has to end that much later than the last one.
 */
export interface SimdKernel<Args> {
  /** The export's name. */
  readonly name: string;
  /** The block of arguments, as int32. */
  words(args: Args): readonly number[];
  /** Into how many blocks the work is cut. */
  blocks(args: Args): number;
  /** What a thread needs of scratch memory. */
  scratchBytes(args: Args): number;
}

export const spareBytes = 64;

const float = new Float32Array(1);
const word = new Int32Array(float.buffer);

/** The bits of a float32, as the int32 that stands for it in a block of arguments. */
export function floatWord(value: number): number {
  float[0] = value;
  return word[0] as number;
}

/** An activation that a kernel fuses: a clamp. */
export type Clamp = 'linear' | 'relu' | 'relu6';

/** Lower and upper bound of a clamp, as words. */
export function clampWords(clamp: Clamp = 'linear'): readonly [number, number] {
  const low = clamp === 'linear' ? Number.NEGATIVE_INFINITY : 0;
  return [floatWord(low), floatWord(clamp === 'relu6' ? 6 : Number.POSITIVE_INFINITY)];
}
