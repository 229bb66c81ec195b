/** Operators that move codes: concatenation, padding, transposition, slices and resizing. */
import { roundHalfEven } from '../math/rounding.ts';
import type { Kernels } from './fixed-point.ts';
import type { Kept } from './tables.ts';
import { type IntegerOutput, type IntegerTensor, sizeOf } from './tensors.ts';

/** Distances between neighbours along each axis. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** What these need of their operator beside its inputs. */
export interface Moved {
  readonly output: IntegerOutput;
  readonly kept: Kept;
}

/** Each element of the output from the coordinates it has; `place` gives its index in the input, −1 where it is zero. */
function gather(x: IntegerTensor, { output, kept }: Moved, place: (coordinates: readonly number[]) => number): Int8Array {
  const places = kept(() => {
    const strides = stridesOf(output.shape);
    return Int32Array.from({ length: sizeOf(output.shape) }, (_, at) =>
      place(strides.map((stride, axis) => Math.floor(at / stride) % (output.shape[axis] as number))),
    );
  });
  const codes = new Int8Array(places.length);
  for (let i = 0; i < codes.length; i++) {
    const index = places[i] as number;
    codes[i] = index < 0 ? x.zeroPoint : (x.codes[index] as number);
  }
  return codes;
}

export function concatenate(inputs: readonly IntegerTensor[], axis: number, output: IntegerOutput): Int8Array {
  const codes = new Int8Array(sizeOf(output.shape));
  const at = axis < 0 ? axis + output.shape.length : axis;
  const outer = sizeOf(output.shape.slice(0, at));
  const width = sizeOf(output.shape.slice(at));
  let start = 0;
  for (const { codes: own } of inputs) {
    const size = own.length / outer;
    for (let row = 0; row < outer; row++) codes.set(own.subarray(row * size, (row + 1) * size), row * width + start);
    start += size;
  }
  return codes;
}

/** PAD with [axes, 2] counts before and behind; what is added is zero. */
export function pad(x: IntegerTensor, counts: ArrayLike<number>, moved: Moved): Int8Array {
  const strides = stridesOf(x.shape);
  return gather(x, moved, (coordinates) => {
    let index = 0;
    for (const [axis, coordinate] of coordinates.entries()) {
      const own = coordinate - (counts[2 * axis] as number);
      if (own < 0 || own >= (x.shape[axis] as number)) return -1;
      index += own * (strides[axis] as number);
    }
    return index;
  });
}

export function transpose(x: IntegerTensor, order: ArrayLike<number>, moved: Moved): Int8Array {
  const strides = stridesOf(x.shape);
  return gather(x, moved, (coordinates) =>
    coordinates.reduce((index, coordinate, axis) => index + coordinate * (strides[order[axis] as number] as number), 0),
  );
}

/** STRIDED_SLICE from `begin`; axes of `whole`, a bit each, are taken from their first element. */
export function slice(
  x: IntegerTensor,
  begin: ArrayLike<number>,
  steps: ArrayLike<number>,
  whole: number,
  moved: Moved,
): Int8Array {
  const strides = stridesOf(x.shape);
  return gather(x, moved, (coordinates) =>
    coordinates.reduce((index, coordinate, axis) => {
      const first = (whole >> axis) & 1 ? 0 : (begin[axis] as number);
      return index + (first + coordinate * (steps[axis] as number)) * (strides[axis] as number);
    }, 0),
  );
}

/** RESIZE_NEAREST_NEIGHBOR between pixel centres. */
export function resizeNearest(x: IntegerTensor, moved: Moved): Int8Array {
  const [, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = moved.output.shape;
  const nearest = (at: number, length: number, count: number) => Math.min(Math.floor(((at + 0.5) * length) / count), length - 1);
  return gather(x, moved, ([, row = 0, column = 0, c = 0]) => {
    return (nearest(row, height, rows) * width + nearest(column, width, columns)) * channels + c;
  });
}

/** Two neighbours along an axis, and how much of the whole the second counts. */
interface Between {
  readonly low: number;
  readonly high: number;
  readonly toHigh: number;
}

/** Where a pixel lies between two of `length`: in whole numbers of 10 bits, or in float32 and then 11 bits as XNNPACK does. */
function between(at: number, length: number, count: number, kernels: Kernels): Between {
  if (kernels === 'xnnpack') {
    const place = Math.min(Math.max((at + 0.5) * (length / count) - 0.5, 0), length - 1);
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, length - 1), toHigh: roundHalfEven((place - low) * 2048) };
  }
  const scale = Math.floor((1024 * length + Math.floor(count / 2)) / count);
  const place = at * scale + Math.floor(scale / 2) - 512;
  const low = Math.max(Math.trunc(place / 1024), 0);
  return { low, high: Math.min(Math.trunc((place + 1023) / 1024), length - 1), toHigh: place - 1024 * low };
}

/** A sum with weights that add up to `one`², to the nearest: ties away from zero, or up. */
function averaged(sum: number, one: number, kernels: Kernels): number {
  const half = one ** 2 / 2;
  return kernels === 'xnnpack' ? Math.floor((sum + half) / one ** 2) : Math.trunc((sum + (sum > 0 ? half : -half)) / one ** 2);
}

/** RESIZE_BILINEAR between pixel centres. */
export function resizeBilinear(x: IntegerTensor, output: IntegerOutput, kernels: Kernels): Int8Array {
  const [, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = output.shape;
  const one = kernels === 'xnnpack' ? 2048 : 1024;
  const codes = new Int8Array(sizeOf(output.shape));
  for (let row = 0; row < rows; row++) {
    const y = between(row, height, rows, kernels);
    for (let column = 0; column < columns; column++) {
      const at = between(column, width, columns, kernels);
      for (let c = 0; c < channels; c++) {
        const code = (line: number, place: number) => x.codes[(line * width + place) * channels + c] as number;
        const across = (line: number) => code(line, at.low) * (one - at.toHigh) + code(line, at.high) * at.toHigh;
        const sum = across(y.low) * (one - y.toHigh) + across(y.high) * y.toHigh;
        codes[(row * columns + column) * channels + c] = averaged(sum, one, kernels);
      }
    }
  }
  return codes;
}
