/** What moves numbers and leaves them as they are: transpose, slice, split, concatenation, padding and repetition, all copies of boxes. */
import * as tf from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend.ts';
import { type CopyBoxArgs, copyBox, fill } from '../kernels/boxes.ts';
import { define, isFloat, reshaped, sizeOf } from './define.ts';

/** Floats from one place to the next along each axis. */
export const stepsOf = (shape: readonly number[]): number[] =>
  [...tf.util.computeStrides([...shape]), 1].slice(-shape.length || 1);

const most = 6;

export function copy(backend: SimdBackend, args: CopyBoxArgs): void {
  backend.machine.run(
    copyBox,
    args,
    args.sizes.reduce((product, size) => product * size, 1),
  );
}

const offset = (steps: readonly number[], at: readonly number[]): number =>
  4 * at.reduce((sum, place, axis) => sum + place * (steps[axis] as number), 0);

/** x cut along an axis into parts of these lengths. */
function cut(backend: SimdBackend, x: tf.TensorInfo, axis: number, lengths: readonly number[]): tf.TensorInfo[] {
  const fromSteps = stepsOf(x.shape);
  let from = backend.addressOf(x);
  return lengths.map((length) => {
    const sizes = x.shape.map((size, i) => (i === axis ? length : size));
    const y = backend.allocate(sizes);
    copy(backend, { from, to: backend.addressOf(y), sizes, fromSteps, toSteps: stepsOf(sizes) });
    from += 4 * length * (fromSteps[axis] as number);
    return y;
  });
}

const canCut = (x: tf.TensorInfo): boolean => isFloat(x) && x.shape.length > 0 && x.shape.length <= most;

export function registerMoves(): void {
  define<'x', { readonly perm: number[] }>('Transpose', ({ backend, inputs: { x }, attrs: { perm } }) => {
    const sizes = perm.map((axis) => x.shape[axis] as number);
    if (!isFloat(x) || sizes.length === 0 || sizes.length > most) return undefined;
    const moved = perm.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number))) return reshaped(backend, x, sizes);
    const y = backend.allocate(sizes);
    const steps = stepsOf(x.shape);
    const fromSteps = perm.map((axis) => steps[axis] as number);
    copy(backend, { from: backend.addressOf(x), to: backend.addressOf(y), sizes, fromSteps, toSteps: stepsOf(sizes) });
    return y;
  });
  define<'x', { readonly begin: number | number[]; readonly size: number | number[] }>(
    'Slice',
    ({ backend, inputs: { x }, attrs }) => {
      if (!canCut(x)) return undefined;
      const [begin, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size);
      tf.slice_util.assertParamsValid(x as tf.Tensor, begin as number[], sizes as number[]);
      const y = backend.allocate(sizes as number[]);
      const fromSteps = stepsOf(x.shape);
      const from = backend.addressOf(x) + offset(fromSteps, begin as number[]);
      copy(backend, { from, to: backend.addressOf(y), sizes: sizes as number[], fromSteps, toSteps: stepsOf(sizes as number[]) });
      return y;
    },
  );
  define<'x', { readonly numOrSizeSplits: number | number[]; readonly axis: number }>(
    'SplitV',
    ({ backend, inputs: { x }, attrs }) => {
      if (!canCut(x)) return undefined;
      const [axis = 0] = tf.util.parseAxisParam(attrs.axis, x.shape);
      return cut(backend, x, axis, tf.backend_util.prepareSplitSize(x as tf.Tensor, attrs.numOrSizeSplits, axis));
    },
  );
  define<'value', { readonly axis: number }>('Unpack', ({ backend, inputs: { value }, attrs }) => {
    if (!canCut(value)) return undefined;
    const [axis = 0] = tf.util.parseAxisParam(attrs.axis, value.shape);
    const ones = new Array<number>(value.shape[axis] as number).fill(1);
    const shape = value.shape.filter((_, i) => i !== axis);
    return cut(backend, value, axis, ones).map((part) => ({ ...part, shape }));
  });
  define<string, { readonly axis: number }>('Pack', ({ backend, inputs, attrs: { axis } }) => {
    const parts = Object.values(inputs);
    const shape = parts[0]?.shape ?? [];
    if (!parts.every(isFloat) || shape.length >= most) return undefined;
    for (const part of parts) tf.util.assertShapesMatch([...shape], part.shape, 'Stacked tensors differ: ');
    const y = backend.allocate([...shape.slice(0, axis), parts.length, ...shape.slice(axis)]);
    const [step = 1] = stepsOf(y.shape).slice(axis);
    const toSteps = stepsOf(y.shape).filter((_, i) => i !== axis);
    const fromSteps = stepsOf(shape).slice(0, shape.length);
    parts.forEach((part, i) => {
      const to = backend.addressOf(y) + 4 * i * step;
      copy(backend, { from: backend.addressOf(part), to, sizes: shape, fromSteps, toSteps });
    });
    return y;
  });
  define<string, { readonly axis: number }>('Concat', ({ backend, inputs, attrs }) => {
    const given = Object.values(inputs);
    const parts = given.filter((part) => sizeOf(part) > 0);
    const [first] = parts;
    if (first === undefined || !parts.every(isFloat) || first.shape.length > most) return undefined;
    const [axis = 0] = tf.util.parseAxisParam(attrs.axis, first.shape);
    tf.backend_util.assertParamsConsistent(
      given.map(({ shape }) => shape),
      axis,
    );
    const y = backend.allocate(
      tf.backend_util.computeOutShape(
        parts.map(({ shape }) => shape),
        axis,
      ),
    );
    const toSteps = stepsOf(y.shape);
    let to = backend.addressOf(y);
    for (const part of parts) {
      copy(backend, { from: backend.addressOf(part), to, sizes: part.shape, fromSteps: stepsOf(part.shape), toSteps });
      to += 4 * (part.shape[axis] as number) * (toSteps[axis] as number);
    }
    return y;
  });
  define<'x', { readonly paddings: [number, number][]; readonly constantValue: number }>(
    'PadV2',
    ({ backend, inputs: { x }, attrs: { paddings, constantValue } }) => {
      if (!isFloat(x) || x.shape.length === 0 || x.shape.length > most) return undefined;
      const y = backend.allocate(x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0)));
      const count = sizeOf(y);
      const to = backend.addressOf(y);
      backend.machine.run(fill, { to, count, value: constantValue }, count);
      const toSteps = stepsOf(y.shape);
      const start =
        to +
        offset(
          toSteps,
          paddings.map(([before]) => before),
        );
      if (sizeOf(x) > 0) {
        copy(backend, { from: backend.addressOf(x), to: start, sizes: x.shape, fromSteps: stepsOf(x.shape), toSteps });
      }
      return y;
    },
  );
  define<'x', { readonly reps: number[] }>('Tile', ({ backend, inputs: { x }, attrs: { reps } }) => {
    // Each axis is one that repeats and one that moves; axes of one place are none.
    const axes = [...x.shape.keys()].flatMap((axis) => [
      { size: reps[axis] as number, from: 0 },
      { size: x.shape[axis] as number, from: stepsOf(x.shape)[axis] as number },
    ]);
    const moving = axes.filter(({ size }) => size !== 1);
    if (!isFloat(x) || moving.length > most) return undefined;
    const y = backend.allocate(x.shape.map((size, axis) => size * (reps[axis] as number)));
    const sizes = moving.map(({ size }) => size);
    const [from, to] = [backend.addressOf(x), backend.addressOf(y)];
    copy(backend, { from, to, sizes, fromSteps: moving.map((axis) => axis.from), toSteps: stepsOf(sizes) });
    return y;
  });
}
