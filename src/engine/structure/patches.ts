/**
 * What a kernel is multiplied with at one place of its output: the rows of a convolution written as a matrix product, zeros of the padding
 * included. A patch is laid out as the kernel is: [kh, kw, channels].
 */
import type { Node } from '../model/model.ts';

export interface PatchLayout {
  /** Places per sample: rows and columns of the output. */
  readonly output: readonly [number, number];
  /** Numbers per patch. */
  readonly size: number;
  /** Numbers per sample of the input. */
  readonly sample: number;
  /** Copies the patch of one place of the sample that starts at `start`. */
  copy(values: Float32Array, start: number, row: number, column: number, into: Float32Array): void;
}

type Pair = readonly [number, number];

interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly before: Pair;
}

const flat: Window = { kernel: [1, 1], strides: [1, 1], dilation: [1, 1], before: [0, 0] };

/** The patches of a Dense or plain convolution; undefined for any other layer. Shapes are concrete, without batch. */
export function patchLayout(node: Node, input: readonly number[], output: readonly number[]): PatchLayout | undefined {
  const channels = input.at(-1) ?? 1;
  const places = input.slice(0, -1).reduce((product, size) => product * size, 1);
  if (node.op === 'Dense') return layoutOf([places, 1], [places, 1], channels, flat);
  const { attrs } = node;
  const [height = 1, width = 1] = input;
  const [rows = 1, columns = 1] = output;
  if (node.op === 'Conv2D') {
    const [kernel, strides, dilation] = [attrs.kernelSize, attrs.strides, attrs.dilation] as [Pair, Pair, Pair];
    const same = attrs.padding === 'same';
    const before = [0, 1].map((axis) =>
      same ? padding(input[axis], output[axis], kernel[axis], strides[axis], dilation[axis]) : 0,
    ) as unknown as Pair;
    return layoutOf([height, width], [rows, columns], channels, { kernel, strides, dilation, before });
  }
  if (node.op === 'Conv1D') {
    const [kernel, stride, dilation] = [attrs.kernelSize, attrs.strides, attrs.dilation] as [number, number, number];
    const causal = (kernel - 1) * dilation;
    const before =
      attrs.padding === 'causal' ? causal : attrs.padding === 'same' ? padding(height, rows, kernel, stride, dilation) : 0;
    const window: Window = { kernel: [kernel, 1], strides: [stride, 1], dilation: [dilation, 1], before: [before, 0] };
    return layoutOf([height, 1], [rows, 1], channels, window);
  }
  return undefined;
}

/** Zeros before the first element with padding `same`: half of all, rounded down. */
function padding(size = 1, count = 1, kernel = 1, stride = 1, dilation = 1): number {
  return Math.max(0, (count - 1) * stride + (kernel - 1) * dilation + 1 - size) >> 1;
}

function layoutOf([height, width]: Pair, output: Pair, channels: number, window: Window): PatchLayout {
  const { kernel, strides, dilation, before } = window;
  return {
    output,
    size: kernel[0] * kernel[1] * channels,
    sample: height * width * channels,
    copy(values, start, row, column, into) {
      into.fill(0);
      for (let i = 0; i < kernel[0]; i++) {
        const y = row * strides[0] - before[0] + i * dilation[0];
        if (y < 0 || y >= height) continue;
        for (let j = 0; j < kernel[1]; j++) {
          const x = column * strides[1] - before[1] + j * dilation[1];
          if (x < 0 || x >= width) continue;
          const from = start + (y * width + x) * channels;
          into.set(values.subarray(from, from + channels), (i * kernel[1] + j) * channels);
        }
      }
    },
  };
}
