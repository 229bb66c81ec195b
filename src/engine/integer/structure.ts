/** Operators that move codes: concatenation, padding, transposition, slices and resizing. */
import { type IntegerOutput, type IntegerTensor, sizeOf } from './tensors.ts';

/** Distances between neighbours along each axis. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Each element of the output from the coordinates it has; `place` gives its index in the input, −1 where it is zero. */
function gather(x: IntegerTensor, output: IntegerOutput, place: (coordinates: readonly number[]) => number): Int8Array {
  const strides = stridesOf(output.shape);
  return Int8Array.from({ length: sizeOf(output.shape) }, (_, at) => {
    const coordinates = strides.map((stride, axis) => Math.floor(at / stride) % (output.shape[axis] as number));
    const index = place(coordinates);
    return index < 0 ? x.zeroPoint : (x.codes[index] as number);
  });
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
export function pad(x: IntegerTensor, counts: ArrayLike<number>, output: IntegerOutput): Int8Array {
  const strides = stridesOf(x.shape);
  return gather(x, output, (coordinates) => {
    let index = 0;
    for (const [axis, coordinate] of coordinates.entries()) {
      const own = coordinate - (counts[2 * axis] as number);
      if (own < 0 || own >= (x.shape[axis] as number)) return -1;
      index += own * (strides[axis] as number);
    }
    return index;
  });
}

export function transpose(x: IntegerTensor, order: ArrayLike<number>, output: IntegerOutput): Int8Array {
  const strides = stridesOf(x.shape);
  return gather(x, output, (coordinates) =>
    coordinates.reduce((index, coordinate, axis) => index + coordinate * (strides[order[axis] as number] as number), 0),
  );
}

/** STRIDED_SLICE from `begin`; axes of `whole`, a bit each, are taken from their first element. */
export function slice(
  x: IntegerTensor,
  begin: ArrayLike<number>,
  steps: ArrayLike<number>,
  whole: number,
  output: IntegerOutput,
): Int8Array {
  const strides = stridesOf(x.shape);
  return gather(x, output, (coordinates) =>
    coordinates.reduce((index, coordinate, axis) => {
      const first = (whole >> axis) & 1 ? 0 : (begin[axis] as number);
      return index + (first + coordinate * (steps[axis] as number)) * (strides[axis] as number);
    }, 0),
  );
}

/** RESIZE_NEAREST_NEIGHBOR between pixel centres. */
export function resizeNearest(x: IntegerTensor, output: IntegerOutput): Int8Array {
  const [, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = output.shape;
  const nearest = (at: number, length: number, count: number) => Math.min(Math.floor(((at + 0.5) * length) / count), length - 1);
  return gather(x, output, ([, row = 0, column = 0, c = 0]) => {
    return (nearest(row, height, rows) * width + nearest(column, width, columns)) * channels + c;
  });
}

/** RESIZE_BILINEAR between pixel centres, with weights of 10 bits. */
export function resizeBilinear(x: IntegerTensor, output: IntegerOutput): Int8Array {
  const [, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = output.shape;
  const placed = (at: number, length: number, count: number) => {
    const scale = Math.floor((1024 * length + Math.floor(count / 2)) / count);
    const place = at * scale + Math.floor(scale / 2) - 512;
    const low = Math.max(Math.trunc(place / 1024), 0);
    const high = Math.min(Math.trunc((place + 1023) / 1024), length - 1);
    return { low, high, toLow: 1024 - (place - 1024 * low), toHigh: place - 1024 * low };
  };
  const codes = new Int8Array(sizeOf(output.shape));
  for (let row = 0; row < rows; row++) {
    const y = placed(row, height, rows);
    for (let column = 0; column < columns; column++) {
      const at = placed(column, width, columns);
      for (let c = 0; c < channels; c++) {
        const code = (line: number, place: number) => x.codes[(line * width + place) * channels + c] as number;
        const upper = code(y.low, at.low) * at.toLow + code(y.low, at.high) * at.toHigh;
        const lower = code(y.high, at.low) * at.toLow + code(y.high, at.high) * at.toHigh;
        const sum = upper * y.toLow + lower * y.toHigh;
        codes[(row * columns + column) * channels + c] = Math.trunc((sum + (sum > 0 ? 2 ** 19 : -(2 ** 19))) / 2 ** 20);
      }
    }
  }
  return codes;
}
