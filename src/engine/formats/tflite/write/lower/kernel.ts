/** Kernels in TFLite's layout: output channels first (OHWI, [units, inputs]), for depthwise ones last, a folded normalization in them. */
import type { Weight } from '../../../../model/model.ts';
import type { KernelTensor } from '../graph.ts';
import { notWritable } from '../refusal.ts';
import { ownCodes, type SignedCodes } from '../signed-codes.ts';
import type { Layer } from './builder.ts';

interface Layout {
  /** The shape in the file. */
  readonly shape: readonly number[];
  /** The axis of output channels in the file: first or last. */
  readonly axis: number;
  /** The axis of the model's tensor that its scales may follow. */
  readonly scaleAxis: number;
  /** Where each element of the model's tensor goes; as it stands where absent. */
  readonly place?: (at: number) => number;
  /** The scale of an output channel; where there are fewer, neighbours share one if absent. */
  readonly scaleOf?: (channel: number) => number;
}

/** The stored kernel with its normalization, as values and as codes. */
export function kernelOf(layer: Layer, role: string, layout: Layout): KernelTensor {
  const weight = storedWeight(layer, role);
  const factors = layer.normalization()?.factors;
  if (factors?.some((factor) => !Number.isFinite(factor))) {
    const remedy = 'Train the normalization further, or remove it in Keras, and open the model again.';
    throw notWritable(layer.unit.norm?.name ?? layer.node.name, 'its variance plus epsilon is not positive', remedy);
  }
  const { shape, axis } = layout;
  const channels = shape[axis] ?? 1;
  const per = axis === 0 ? weight.values.length / channels : 1;
  const channelOf = (at: number): number => Math.floor(at / per) % channels;
  const values = placed(weight.values, layout);
  if (factors !== undefined)
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * (factors[channelOf(i)] as number) + 0;
  const own = ownCodes(weight, layout.scaleAxis);
  const codes =
    own === null ? null : scaled({ ...own, codes: placed(own.codes, layout) }, factors, channels, channelOf, layout.scaleOf);
  return { kind: 'kernel', name: layer.name(role), shape, values, axis, codes, origin: weight };
}

function storedWeight(layer: Layer, role: string): Weight {
  const weight = layer.weight(role);
  if (weight === undefined) throw new Error(`The layer "${layer.node.name}" has no ${role}.`);
  return weight;
}

function placed<A extends Float32Array | Int8Array>(from: A, { place }: Layout): A {
  const to = from.slice() as A;
  if (place !== undefined) for (let i = 0; i < from.length; i++) to[place(i)] = from[i] as number;
  return to;
}

/** Codes with the factors of a normalization in their scales, which change no code but its sign. */
function scaled(
  { codes, scale }: SignedCodes,
  factors: Float64Array | undefined,
  channels: number,
  channelOf: (at: number) => number,
  scaleOf: (channel: number) => number = (channel) => Math.floor((channel * scale.length) / channels),
): SignedCodes {
  if (factors === undefined && scale.length === 1) return { codes, scale };
  // A depthwise kernel has one scale for all filters of an input channel.
  const each = Float64Array.from({ length: channels }, (_, c) => scale[scale.length === 1 ? 0 : scaleOf(c)] as number);
  if (factors === undefined) return { codes, scale: each };
  const signs = factors.map(Math.sign);
  return {
    codes: codes.map((code, i) => code * (signs[channelOf(i)] as number)),
    scale: each.map((step, c) => step * (Math.abs(factors[c] as number) || 1)),
  };
}

/** Moves axes so that the last comes first: [a, b, c] becomes [c, a, b]. */
export function lastFirst(shape: readonly number[]): (at: number) => number {
  const channels = shape.at(-1) ?? 1;
  const rest = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return (at) => (at % channels) * rest + Math.floor(at / channels);
}
