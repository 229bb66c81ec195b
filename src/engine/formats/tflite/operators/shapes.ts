/**
 * Operators that change shapes, take parts and join them. A part along one axis is a Cropping2D of the sample seen as [before, axis,
 * behind]. The shape of what is made stands in the file, so that the arithmetic of sizes that converters leave in is not followed.
 */

import type { Shape } from '../../../model/model.ts';
import { problems } from '../../problems.ts';
import { activated, type Call } from '../call.ts';
import type { Flow, Value } from '../graph.ts';
import { BuiltinOptions, ConcatenationOptions, PackOptions, StridedSliceOptions, UnpackOptions } from '../schema/schema.ts';
import { reshaped } from './spatial.ts';

const sizes: Value = { kind: 'sizes' };
const product = (shape: Shape): number => shape.reduce<number>((result, size) => result * (size ?? Number.NaN), 1);

/** True where every input is whole numbers, made of shapes or stored. */
function onSizes(call: Call): boolean {
  const values = call.values();
  return values.some(({ kind }) => kind === 'sizes') && values.every(({ kind }) => kind === 'sizes' || kind === 'constant');
}

export const shapeOf = (): Value => sizes;

/** Runs on sizes where an operator is given them, else reads it. */
export function unlessSizes(read: (call: Call) => Value | readonly Value[]): (call: Call) => Value | readonly Value[] {
  return (call) => (onSizes(call) ? sizes : read(call));
}

/** FILL: one number everywhere. */
export function fill(call: Call): Value {
  const { values } = call.constant(1);
  const [value] = values;
  if (value === undefined || values.length !== 1)
    throw problems.damaged(call.path, `FILL "${call.name}" has ${values.length} values`);
  return { kind: 'uniform', value };
}

/** RESHAPE, SQUEEZE and EXPAND_DIMS: the samples stay apart. */
export function reshape(call: Call): Value {
  const value = call.value(0);
  if (value.kind === 'uniform') return value;
  const input = call.flow(0);
  const target = call.sample();
  const [count, size] = [product(input.shape), product(target)];
  const mixes =
    Number.isNaN(count) || Number.isNaN(size)
      ? input.shape.filter((n) => n === null).length !== target.filter((n) => n === null).length
      : count !== size;
  if (mixes)
    throw call.refuse(`It makes [${target.join(', ')}] of samples of [${input.shape.join(', ')}], and so mixes samples.`);
  return reshaped(call, input, target);
}

/** TRANSPOSE: axes of a sample in another order, or time before the batch, which is only noted. */
export function transpose(call: Call): Value {
  const value = call.value(0);
  const order = call.integers(1);
  if (value.kind !== 'flow') throw call.refuse('It transposes a value that no layer makes.');
  const [batch, time, ...rest] = order;
  const swapsBatch = batch === 1 && time === 0 && rest.every((axis, index) => axis === index + 2);
  if (swapsBatch) {
    const { timeMajor, ...flow } = value;
    return timeMajor === true ? flow : { ...flow, timeMajor: true };
  }
  if (batch !== 0 || value.timeMajor) throw call.refuse(`It moves the batch: its order of axes is [${order.join(', ')}].`);
  if (order.every((axis, index) => axis === index)) return value;
  return call.add('Permute', { dims: order.slice(1) }, [value]);
}

/** Elements `start … end − 1` along an axis of a sample, in the shape given. */
function part(call: Call, input: Flow, axis: number, start: number, end: number, target: Shape, name: string): Flow {
  const length = input.shape[axis];
  if (typeof length !== 'number' || start < 0 || end > length || end <= start) {
    throw call.refuse(`It takes ${start} … ${end - 1} of ${length ?? 'an unknown number of'} elements.`);
  }
  if (end - start === length) return reshaped(call, input, target, name);
  const before = input.shape.slice(0, axis);
  const behind = input.shape.slice(axis + 1);
  if (before.includes(null) || behind.includes(null)) throw call.refuse('It takes a part of a sample whose size is not known.');
  const cropping = [
    [0, 0],
    [start, length - end],
  ];
  const picture = reshaped(call, input, [product(before), length, product(behind)], `${name}/picture`);
  return reshaped(call, call.add('Cropping2D', { cropping }, [picture], {}, name), target, `${name}/shape`);
}

/** The axis of a sample that an axis of a tensor is, the batch being the first, or the second where time comes first. */
function sampleAxis(call: Call, axis: number, rank: number, timeMajor: boolean): number {
  const index = axis < 0 ? axis + rank : axis;
  const isBatch = index === (timeMajor ? 1 : 0);
  if (isBatch || index < 0 || index >= rank) throw call.refuse(`It works along axis ${axis} of ${rank}, the batch.`);
  return index === 0 ? 0 : index - 1;
}

/** The input of a part, in whichever order its axes are. */
function flowOf(call: Call): Flow {
  const value = call.value(0);
  if (value.kind !== 'flow') throw call.refuse('It takes a part of a value that no layer makes.');
  return value;
}

export function unpack(call: Call): Value[] {
  const options = call.options(BuiltinOptions.UnpackOptions, new UnpackOptions());
  const input = flowOf(call);
  const axis = sampleAxis(call, options.axis(), input.shape.length + 1, input.timeMajor === true);
  return call.outputs.map((_, index) => part(call, input, axis, index, index + 1, call.sample(index), String(index)));
}

/** The reader of SPLIT or SPLIT_V: parts behind each other, as long as the file says. */
export function split(axisInput: number, valueInput: number): (call: Call) => Value[] {
  return (call) => {
    const input = call.flow(valueInput);
    const [axisNumber = 0] = call.integers(axisInput);
    const axis = sampleAxis(call, axisNumber, input.shape.length + 1, false);
    let start = 0;
    return call.outputs.map((_, index) => {
      const shape = call.sample(index);
      const end = start + (shape[axis] ?? Number.NaN);
      const flow = part(call, input, axis, start, end, shape, String(index));
      start = end;
      return flow;
    });
  };
}

/** Parts along several axes, one after the other. */
function parts(call: Call, input: Flow, begins: readonly number[], ends: readonly number[]): Flow {
  const target = call.sample();
  let flow = input;
  flow.shape.forEach((length, axis) => {
    const [start, end] = [begins[axis + 1] ?? 0, ends[axis + 1] ?? length ?? 0];
    if (start === 0 && end === length) return;
    const shape = flow.shape.map((size, other) => (other === axis ? end - start : size));
    flow = part(call, flow, axis, start, end, shape, `axis${axis + 1}`);
  });
  return reshaped(call, flow, target, 'shape');
}

export function slice(call: Call): Flow {
  const { shape } = call.flow(0);
  const [begins, lengths] = [call.integers(1), call.integers(2)];
  if (begins[0] !== 0 || (lengths[0] !== -1 && lengths[0] !== call.tensor(0).shape[0]))
    throw call.refuse('It takes a part of the batch.');
  const ends = lengths.map((length, axis) => (length === -1 ? (shape[axis - 1] ?? 0) : (begins[axis] ?? 0) + length));
  return parts(call, call.flow(0), begins, ends);
}

/** STRIDED_SLICE without strides: begin, end and masks per axis, the batch whole. */
export function stridedSlice(call: Call): Flow {
  const options = call.options(BuiltinOptions.StridedSliceOptions, new StridedSliceOptions());
  const value = call.value(0);
  const isLate = value.kind === 'late';
  const input = isLate ? value.flow : call.flow(0);
  const shape = isLate ? input.shape.map((size, axis) => (size !== null && axis === 0 ? size + 1 : size)) : input.shape;
  const [begin, end, strides] = [call.integers(1), call.integers(2), call.integers(3)];
  if (options.ellipsisMask() !== 0 || options.newAxisMask() !== 0 || options.offset()) throw call.refuse('It inserts axes.');
  if (strides.some((stride) => stride !== 1)) throw call.refuse(`Its strides are [${strides.join(', ')}]; here they are 1.`);
  const masked = (mask: number, axis: number): boolean => ((mask >> axis) & 1) === 1;
  const place = (position: number, axis: number): number => {
    const length = shape[axis - 1] ?? 0;
    return Math.min(Math.max(position < 0 ? position + length : position, 0), length);
  };
  const begins = begin.map((position, axis) => (masked(options.beginMask(), axis) ? 0 : place(position, axis)));
  const ends = end.map((position, axis) => {
    if (masked(options.shrinkAxisMask(), axis)) return (begins[axis] ?? 0) + 1;
    return masked(options.endMask(), axis) ? (shape[axis - 1] ?? 0) : place(position, axis);
  });
  const wholeBatch = masked(options.beginMask(), 0) && masked(options.endMask(), 0) && !masked(options.shrinkAxisMask(), 0);
  if (!wholeBatch) throw call.refuse('It takes a part of the batch.');
  if (!isLate) return parts(call, input, begins, ends);
  const earlier = (places: readonly number[]) => places.map((at, axis) => (axis === 1 ? at - 1 : at));
  if (begins[1] === 0) throw call.refuse('It takes what an LSTM gives before its first step.');
  return parts(call, input, earlier(begins), earlier(ends));
}

/** A stored step before the steps of a sequence, as an LSTM is made to forget; null for any other concatenation. */
function begun(call: Call, axis: number): Value | null {
  const [first, steps, ...others] = call.values();
  if (axis !== 1 || others.length > 0 || first?.kind !== 'constant' || steps?.kind !== 'begun' || steps.first !== null)
    return null;
  const width = (steps.flow.shape[1] ?? 0) + 1;
  return first.tensor.shape.join() === `1,1,${width}` ? { ...steps, first: call.constant(0).values } : null;
}

export function concatenation(call: Call): Value {
  const options = call.options(BuiltinOptions.ConcatenationOptions, new ConcatenationOptions());
  const sequence = begun(call, options.axis());
  if (sequence !== null) return sequence;
  const flows = call.values().map((_, place) => call.flow(place));
  const rank = (flows[0]?.shape.length ?? 0) + 1;
  const axis = sampleAxis(call, options.axis(), rank, false) + 1;
  const [only] = flows;
  if (flows.length === 1 && only !== undefined) return activated(call, only, options.fusedActivationFunction());
  return activated(call, call.add('Concatenate', { axis }, flows), options.fusedActivationFunction());
}

/** PACK: values side by side along a new axis. */
export function pack(call: Call): Flow {
  const options = call.options(BuiltinOptions.PackOptions, new PackOptions());
  const target = call.sample();
  const axis = sampleAxis(call, options.axis(), target.length + 1, false);
  const single = target.map((size, index) => (index === axis ? 1 : size));
  const flows = call.values().map((_, place) => reshaped(call, call.flow(place), single, String(place)));
  const [only] = flows;
  return flows.length === 1 && only !== undefined ? only : call.add('Concatenate', { axis: axis + 1 }, flows);
}
