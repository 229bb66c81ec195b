/**
 * Sums, means, maxima and minima over axes in a row, softmax over the last, and a kernel of our own that training takes:
 * `SoftmaxCrossEntropy` (x and targets [rows, columns] to the losses [rows, 1] and their slopes).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';
import { columnParts, rowParts } from '../kernels/normalization.ts';
import { pool } from '../kernels/pool.ts';
import { type RowReduction, reduceRows } from '../kernels/rows.ts';
import { softmax, softmaxCrossEntropy } from '../kernels/softmax.ts';
import { sumParts } from '../kernels/sums.ts';
import { define, isFloat, sizeOf } from './define.ts';
import { map } from './elementwise.ts';

type Four = [number, number, number, number];

interface ReduceAttrs {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

/** x as [outer, reduced, inner]; undefined where the axes do not follow each other. */
function layout(x: tf.TensorInfo, axes: readonly number[]) {
  const sorted = [...axes].sort((a, b) => a - b);
  const [first = 0] = sorted;
  const end = first + sorted.length;
  if (sorted.some((axis, i) => axis !== first + i)) return undefined;
  const product = (from: number, to?: number) => tf.util.sizeFromShape(x.shape.slice(from, to));
  return { outer: product(0, first), reduced: product(first, end), inner: product(end) };
}

function reduce(
  backend: SimdBackend,
  operation: RowReduction,
  x: tf.TensorInfo,
  { axis, reductionIndices, keepDims = false }: ReduceAttrs,
): tf.TensorInfo | undefined {
  const axes = tf.util.parseAxisParam(axis ?? reductionIndices ?? [...x.shape.keys()], x.shape);
  const places = layout(x, axes);
  if (places === undefined || !isFloat(x) || sizeOf(x) === 0 || axes.length === 0) return undefined;
  const { outer, reduced, inner } = places;
  const shape = x.shape.flatMap((size, at) => (axes.includes(at) ? (keepDims ? [1] : []) : [size]));
  const from = backend.addressOf(x);
  if (inner === 1) {
    const y = backend.allocate(shape);
    const args = { operation, x: from, y: backend.addressOf(y), rows: outer, length: reduced };
    backend.machine.run(reduceRows, args, sizeOf(x));
    return y;
  }
  if (outer === 1 && (operation === 'sum' || operation === 'mean')) {
    const sum = backend.allocate(shape);
    sumColumns(backend, from, backend.addressOf(sum), { rows: reduced, channels: inner });
    return operation === 'sum' ? sum : scaled(backend, sum, 1 / reduced);
  }
  if (operation === 'minimum') return undefined;
  // A window of one column that is as high as the picture.
  const window = {
    ...{ batch: outer, inHeight: reduced, inWidth: 1, inChannels: inner, outHeight: 1, outWidth: 1, outChannels: inner },
    ...{ filterHeight: reduced, filterWidth: 1, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
    ...{ padTop: 0, padLeft: 0 },
  };
  const y = backend.allocate(shape);
  const kind = operation === 'maximum' ? 'max' : 'mean';
  backend.machine.run(pool, { shape: window, kind, x: from, y: backend.addressOf(y) }, sizeOf(x));
  return operation === 'sum' ? scaled(backend, y, reduced) : y;
}

/** x · factor; takes x over. */
function scaled(backend: SimdBackend, x: tf.TensorInfo, factor: number): tf.TensorInfo | undefined {
  const y = map(backend, 'affine', x, factor);
  backend.disposeData(x.dataId);
  return y;
}

function sumColumns(backend: SimdBackend, x: number, to: number, matrix: { rows: number; channels: number }): void {
  const parts = rowParts(matrix);
  const size = matrix.channels;
  backend.machine.borrow(4 * size * parts, (workspace) => {
    backend.machine.run(columnParts, { ...matrix, x, parts: workspace }, matrix.rows * size);
    backend.machine.run(sumParts, { from: workspace, to, parts, size }, parts * size);
  });
}

const reductions: Readonly<Record<string, RowReduction>> = { Sum: 'sum', Mean: 'mean', Max: 'maximum', Min: 'minimum' };

export function registerReductions(): void {
  for (const [name, operation] of Object.entries(reductions)) {
    define<'x', ReduceAttrs>(name, ({ backend, inputs: { x }, attrs }) => reduce(backend, operation, x, attrs));
  }
  define<'logits', { readonly dim: number }>('Softmax', ({ backend, inputs: { logits }, attrs: { dim } }) => {
    const columns = logits.shape.at(-1) ?? 1;
    const last = dim === -1 || dim === logits.shape.length - 1;
    if (!last || !isFloat(logits) || sizeOf(logits) === 0) return undefined;
    const y = backend.allocate(logits.shape);
    const args = { x: backend.addressOf(logits), y: backend.addressOf(y), rows: sizeOf(logits) / columns, columns };
    backend.machine.run(softmax, args, 8 * sizeOf(logits));
    return y;
  });
  define<'x' | 'targets', object>('SoftmaxCrossEntropy', ({ backend, inputs: { x, targets } }) => {
    const [rows = 0, columns = 0] = x.shape;
    const [loss, slope] = [backend.allocate([rows, 1]), backend.allocate([rows, columns])];
    const [from, wanted, to, by] = [x, targets, loss, slope].map((tensor) => backend.addressOf(tensor)) as Four;
    backend.machine.run(softmaxCrossEntropy, { x: from, targets: wanted, loss: to, slope: by, rows, columns }, 16 * sizeOf(x));
    return [loss, slope];
  });
}
