/**
 * The contract of an op: all that the studio knows about one kind of layer, in one file of `ops/`.
 * Reading and writing its Keras configuration, its stored tensors in Keras' `get_weights` order, shape inference, cost and
 * forward pass (in TF.js ops, so that gradients come for free) stand side by side, so that adding a layer is adding a file.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Rng } from '../math/rng.ts';
import type { Attrs, Json, Shape, Weight } from './model.ts';

/** A Keras layer configuration: snake_case keys, Keras 2 and 3 spellings alike. */
export type KerasConfig = { readonly [key: string]: Json };

/** Where a configuration came from, for messages and for rules that changed between Keras versions. */
export interface ReadPlace {
  readonly layer: string;
  readonly className: string;
  /** Major version that wrote the file: 2 or 3. */
  readonly keras: 2 | 3;
}

export interface WeightSlot {
  readonly role: string;
  readonly shape: readonly number[];
  /** The axis that indexes output channels, or null. */
  readonly channelAxis: number | null;
  /** Kernels are what quantization and pruning touch by default; vectors are biases and normalization parameters. */
  readonly kind: 'kernel' | 'vector';
  /** True where nothing but one scale for the whole tensor can be stored. */
  readonly oneScale?: boolean;
}

/** Row-major values that `prepare` made. */
export type PreparedTensor = Pick<Weight, 'shape' | 'values'>;

export interface ForwardCall {
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  /** The tensor of a role, or undefined where the node has none. */
  readonly weights: Readonly<Record<string, Tensor | undefined>>;
  /** True while training: dropout drops, batch normalization uses the batch's statistics. */
  readonly training: boolean;
  /** Where dropout and noise draw from; required while training a model that has such layers. */
  readonly rng?: Rng;
}

/** A dimension of a stored tensor that counts channels: the last axis of an input or of the output. */
export interface ChannelAxis {
  readonly role: string;
  readonly axis: number;
  /** `output`, or the index of an input. */
  readonly counts: 'output' | number;
  /** Neighbouring indices that belong to one channel; 1 where absent. Indices beyond the last channel count from the first again. */
  readonly repeat?: number;
  /** Whether the tensor makes the channel, only changes one that passes through, or reads it into others. */
  readonly use: 'makes' | 'passes' | 'reads';
}

/** Why channels can't be taken away. */
export type ChannelProtection =
  | 'input'
  | 'output'
  | 'softmax'
  | 'broadcast'
  | 'attribute'
  | 'unknown'
  | 'mixed'
  | 'grid'
  | 'statistics';

/** How channels run through a layer: what must go with a channel when it goes. */
export interface ChannelFlow {
  /** The input channels that an output channel is one with, as [input, channel]; absent where the layer makes its own. */
  readonly sources?: (channel: number) => readonly (readonly [input: number, channel: number])[];
  readonly axes?: readonly ChannelAxis[];
  /** Channels of an input or of the output that are one with the channel `step` further on. */
  readonly couples?: readonly { readonly of: 'output' | number; readonly step: number }[];
  /** Attributes for another number of output channels; absent where they say nothing about it. */
  readonly resized?: (channels: number) => Attrs;
  /** Channels that must stay, of the output or of an input. */
  readonly keeps?: readonly { readonly of: 'output' | number; readonly reason: ChannelProtection }[];
}

export interface Op {
  readonly kind: string;
  /** Keras class names that this op reads. */
  readonly classes: readonly string[];
  /** Keras configuration to attributes. Throws a StudioError that names the layer for anything it can't reproduce exactly. */
  read(config: KerasConfig, place: ReadPlace): Attrs;
  /** Attributes to a Keras 2 configuration (without `name`) that stock TF.js reads. */
  write(attrs: Attrs): { readonly className: string; readonly config: KerasConfig };
  /** Why stock TF.js would compute something else from `write(attrs)`, one clause; undefined where it agrees. */
  cannotWrite?(attrs: Attrs, inputs: readonly Shape[]): string | undefined;
  /** Stored tensors in Keras' `get_weights` order. Input shapes are without batch. */
  slots(attrs: Attrs, inputs: readonly Shape[]): readonly WeightSlot[];
  /**
   * Tensors that inference on TF.js WASM may be given in place of the weights, because its kernels for them are many times faster;
   * undefined where they would cost precision. `forward` takes either.
   */
  prepare?(attrs: Attrs, weights: Readonly<Record<string, Weight>>): Readonly<Record<string, PreparedTensor>> | undefined;
  /** Output shape without batch. Throws a StudioError where the inputs do not fit. */
  shape(attrs: Attrs, inputs: readonly Shape[]): Shape;
  /** Multiply-accumulates of convolutions and matrix products for one sample, 0 for every other op; NaN where a size is unknown. */
  macs(attrs: Attrs, inputs: readonly Shape[], output: Shape): number;
  /**
   * What happens when channels are taken away, such that what is left computes the same as with these channels at zero; undefined, or
   * absent, where the op can't do without any of them. Sizes of last axes are known.
   */
  channels?(attrs: Attrs, inputs: readonly Shape[], output: Shape): ChannelFlow | undefined;
  /** One batch through the op. Every tensor has a leading batch dimension. Call it inside `tf.tidy`; the result is never an input itself. */
  forward(call: ForwardCall): Tensor;
}
