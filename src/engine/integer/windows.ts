/** Windows over pictures of [1, height, width, channels]: their places, and pooling over them or over everything. */
import type { FilePadding, Pair } from '../formats/tflite/write/options.ts';
import { type Kernels, rescaler } from './fixed-point.ts';
import { clamp, type IntegerOutput, type IntegerTensor, scaleOf, sizeOf } from './tensors.ts';

export interface Window {
  readonly size: Pair;
  readonly strides: Pair;
  readonly padding: FilePadding;
  readonly dilation: Pair;
}

/** Calls `visit` for each output pixel with a walk over the pixels of its window that lie inside, and their place in the window. */
export type Places = (visit: (target: number, inside: (each: (source: number, tap: number) => void) => void) => void) => void;

/** How far the first window reaches beyond the picture along an axis. */
export function before({ size, strides, padding, dilation }: Window, axis: 0 | 1, length: number, count: number): number {
  const reach = (count - 1) * strides[axis] + (size[axis] - 1) * dilation[axis] + 1;
  return padding === 'SAME' ? Math.max(0, Math.floor((reach - length) / 2)) : 0;
}

/** Where the windows of an operator lie. */
export function placesOf(input: readonly number[], output: readonly number[], window: Window): Places {
  const [, height = 1, width = 1] = input;
  const [, rows = 1, columns = 1] = output;
  const { size, strides, dilation } = window;
  const [top, left] = [before(window, 0, height, rows), before(window, 1, width, columns)];
  return (visit) => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        visit(row * columns + column, (each) => {
          for (let i = 0; i < size[0]; i++) {
            const y = row * strides[0] - top + i * dilation[0];
            if (y < 0 || y >= height) continue;
            for (let j = 0; j < size[1]; j++) {
              const x = column * strides[1] - left + j * dilation[1];
              if (x >= 0 && x < width) each(y * width + x, i * size[1] + j);
            }
          }
        });
      }
    }
  };
}

/** A mean of whole numbers to the nearest, ties away from zero. */
const roundedMean = (sum: number, count: number): number => {
  const half = Math.floor(count / 2);
  return Math.trunc((sum > 0 ? sum + half : sum - half) / count);
};

/** MAX_POOL_2D and AVERAGE_POOL_2D; the average is of the codes inside of the picture, which have the grid of the output. */
export function pool(x: IntegerTensor, window: Window, output: IntegerOutput, average: boolean): Int8Array {
  const [, , , channels = 1] = x.shape;
  const codes = new Int8Array(sizeOf(output.shape));
  const pooled = new Int32Array(channels);
  const places = placesOf(x.shape, output.shape, window);
  places((target, inside) => {
    let count = 0;
    pooled.fill(average ? 0 : -128);
    inside((source) => {
      count++;
      for (let c = 0, at = source * channels; c < channels; c++, at++) {
        const [before, code] = [pooled[c] as number, x.codes[at] as number];
        pooled[c] = average ? before + code : before > code ? before : code;
      }
    });
    for (let c = 0, at = target * channels; c < channels; c++, at++) {
      const value = pooled[c] as number;
      codes[at] = average ? clamp(roundedMean(value, count), -128, 127) : value;
    }
  });
  return codes;
}

/** REDUCE_MAX and MEAN over all axes between the batch and the channels. */
export function reduce(x: IntegerTensor, output: IntegerOutput, average: boolean, kernels: Kernels): Int8Array {
  const channels = x.shape.at(-1) ?? 1;
  const count = x.codes.length / channels;
  const factor = rescaler(kernels, scaleOf(x), 1 / count, scaleOf(output));
  return Int8Array.from({ length: channels }, (_, c) => {
    let [sum, largest] = [0, -128];
    for (let i = c; i < x.codes.length; i += channels) {
      sum += (x.codes[i] as number) - x.zeroPoint;
      largest = Math.max(largest, x.codes[i] as number);
    }
    return average ? clamp(factor(sum) + output.zeroPoint, -128, 127) : largest;
  });
}
