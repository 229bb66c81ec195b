/** What every op shares: typed attributes in its definition, its single input, its tensors and the error for inputs that don't fit. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { StudioError } from '../../errors.ts';
import type { Attrs, Shape, Weight } from '../model.ts';
import type { ChannelFlow, ForwardCall, KerasConfig, Op, PreparedTensor, ReadPlace, WeightSlot } from '../op.ts';

/** The Op contract with the attributes' own type; `A` is a type alias, so that it is plain JSON to the compiler too. */
export interface OpDefinition<A extends Attrs> {
  readonly kind: string;
  readonly classes: readonly string[];
  read(config: KerasConfig, place: ReadPlace): A;
  write(attrs: A): { readonly className: string; readonly config: KerasConfig };
  cannotWrite?(attrs: A, inputs: readonly Shape[]): string | undefined;
  slots?(attrs: A, inputs: readonly Shape[]): readonly WeightSlot[];
  prepare?(attrs: A, weights: Readonly<Record<string, Weight>>): Readonly<Record<string, PreparedTensor>> | undefined;
  shape(attrs: A, inputs: readonly Shape[]): Shape;
  macs?(attrs: A, inputs: readonly Shape[], output: Shape): number;
  channels?(attrs: A, inputs: readonly Shape[], output: Shape): ChannelFlow | undefined;
  forward(call: ForwardCall & { readonly attrs: A }): Tensor;
}

/** Types an op's attributes once, where it is defined; ops without tensors or products leave `slots` and `macs` out. */
export function defineOp<A extends Attrs>(definition: OpDefinition<A>): Op {
  return { slots: () => [], macs: () => 0, ...definition } as Op;
}

/** The only element of an op's inputs. */
export function single<T>(inputs: readonly T[]): T {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) throw shapeMismatch(`It takes one input, but was given ${inputs.length}.`);
  return input;
}

/** The shape of the only input, which must have one of the given ranks (without batch). */
export function singleOfRank(inputs: readonly Shape[], ...ranks: readonly number[]): Shape {
  const shape = single(inputs);
  if (ranks.includes(shape.length)) return shape;
  throw shapeMismatch(`It takes ${ranks.join(' or ')} dimensions besides the batch, but its input is ${formatShape(shape)}.`);
}

/** The size of an axis that weights depend on. */
export function knownSize(shape: Shape, axis: number): number {
  const size = shape.at(axis);
  if (typeof size === 'number') return size;
  throw shapeMismatch(`The size of axis ${axis} must be known, but its input is ${formatShape(shape)}.`);
}

/** The tensor of a role that the op can't do without. */
export function tensorOf(weights: ForwardCall['weights'], role: string): Tensor {
  const tensor = weights[role];
  if (tensor === undefined) throw new Error(`The tensor "${role}" was not given.`);
  return tensor;
}

/** Inputs that an op can't take; shape inference adds the layer's name. */
export function shapeMismatch(detail: string): StudioError {
  return new StudioError({
    code: 'MODEL_SHAPE',
    title: 'A layer does not fit its input.',
    detail,
    hint: 'The file was changed or damaged after it was saved: save the model again and open the new file.',
  });
}

/** `[null, 28, 28]` as people write it: `(?, 28, 28)`. */
export function formatShape(shape: Shape): string {
  return `(${shape.map((size) => size ?? '?').join(', ')})`;
}

/** Elements of a shape; NaN where a size is unknown. */
export function elements(shape: Shape): number {
  let count = 1;
  for (const size of shape) count *= size ?? Number.NaN;
  return count;
}

/** An axis that counts the batch (Keras' way) as an index into a tensor of `rank`, batch included. */
export function axisOf(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (index >= 1 && index < rank) return index;
  throw shapeMismatch(`Axis ${axis} is not an axis of a tensor with ${rank} dimensions, or is the batch.`);
}
