/**
 * Layers on volumes [depth, height, width, channels]: Conv3D (kernel [depth, height, width, in, out]), pooling over windows and over all,
 * zeros around, parts, and repeated planes. Sizes are counted as on pictures (window.ts); an average counts only what lies inside.
 * All of it runs on kernels for pictures: planes first, then along the depth. Those for volumes are wrong on some backends of TF.js: WASM takes
 * the maximum of negative numbers for zero, WebGPU pads otherwise and adds biases wrongly, WebGL pads none.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import type { Op } from '../op.ts';
import { type ActivationName, activationProblem, readActivation, stockActivation } from './activations.ts';
import { kernelAxes, made, passed } from './channel-flow.ts';
import { type FieldReader, readFields, requireChannelsLast } from './config.ts';
import { biased, requireStridesOrDilation } from './convolution.ts';
import { defineOp, elements, formatShape, knownSize, shapeMismatch, single, singleOfRank, tensorOf } from './define.ts';
import type { GlobalPoolingAttrs } from './global-pooling.ts';
import type { PoolingAttrs } from './pooling.ts';
import { type Padding, paddings, windowCount } from './window.ts';

type Triple = readonly [number, number, number];
type Sides = readonly (readonly [number, number])[];

const triple = (field: FieldReader, name: string, fallback?: Triple): Triple =>
  field.sizes(name, 3, fallback) as unknown as Triple;
const volume = (inputs: readonly Shape[]): Shape => singleOfRank(inputs, 4);
const ones: Triple = [1, 1, 1];
/** [batch, depth, everything else]. */
const alongDepth = (x: tf.Tensor): tf.Tensor3D =>
  tf.reshape(x, [x.shape[0] ?? 1, x.shape[1] ?? 1, x.size / (x.shape[0] ?? 1) / (x.shape[1] ?? 1)]);

/** The planes of a volume as pictures. */
const asPictures = (x: tf.Tensor): tf.Tensor4D => {
  const [batch = 1, depth = 1, height = 1, width = 1, channels = 1] = x.shape;
  return tf.reshape(x, [batch * depth, height, width, channels]);
};

/** Some planes of a volume, by number. */
const planesOf = (x: tf.Tensor, numbers: readonly number[]): tf.Tensor => {
  const [batch = 1, , ...rest] = x.shape;
  return tf.reshape(tf.gather(alongDepth(x), tf.tensor1d([...numbers], 'int32'), 1), [batch, numbers.length, ...rest]);
};

/** A change along the depth, then one of each plane as a picture. */
function changed(
  x: tf.Tensor,
  depthwise: (x: tf.Tensor3D) => tf.Tensor3D,
  planewise: (x: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor {
  const [batch = 1, , ...rest] = x.shape;
  const long = depthwise(alongDepth(x));
  const y = planewise(asPictures(tf.reshape(long, [batch, long.shape[1], ...rest])));
  return tf.reshape(y, [batch, long.shape[1], ...y.shape.slice(1)]);
}

const absent = (): string => 'stock TF.js has no such layer for volumes';

export type Conv3DAttrs = {
  readonly filters: number;
  readonly kernelSize: Triple;
  readonly strides: Triple;
  readonly padding: Padding;
  readonly dilation: Triple;
  readonly useBias: boolean;
  readonly activation: ActivationName;
};

export const conv3D = defineOp<Conv3DAttrs>({
  kind: 'Conv3D',
  classes: ['Conv3D', 'Convolution3D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    const remedy = 'Use Conv3D without groups in Keras and save the model again.';
    field.requireOnly('groups', 1, 'TF.js has no convolution of volumes in groups.', remedy);
    const [strides, dilation] = [triple(field, 'strides', ones), triple(field, 'dilation_rate', ones)];
    requireStridesOrDilation(field, strides, dilation);
    return {
      filters: field.integer('filters'),
      kernelSize: triple(field, 'kernel_size'),
      strides,
      padding: field.choice('padding', paddings, 'valid'),
      dilation,
      useBias: field.flag('use_bias', true),
      activation: readActivation(field),
    };
  },
  write: ({ filters, kernelSize, strides, padding, dilation, useBias, activation }) => ({
    className: 'Conv3D',
    config: {
      ...{ filters, kernel_size: kernelSize, strides, padding, dilation_rate: dilation, data_format: 'channels_last' },
      ...{ use_bias: useBias, activation: stockActivation(activation) },
    },
  }),
  cannotWrite: ({ dilation, activation }) =>
    dilation.some((step) => step > 1) ? 'stock TF.js ignores the dilation of a Conv3D' : activationProblem(activation),
  slots({ filters, kernelSize, useBias }, inputs) {
    return [
      { role: 'kernel', shape: [...kernelSize, knownSize(volume(inputs), 3), filters], channelAxis: 4, kind: 'kernel' },
      ...(useBias ? [{ role: 'bias', shape: [filters], channelAxis: 0, kind: 'vector' } as const] : []),
    ];
  },
  shape({ filters, kernelSize, strides, padding, dilation }, inputs) {
    const input = volume(inputs);
    knownSize(input, 3);
    return [
      ...kernelSize.map((size, axis) => windowCount(input[axis], size, strides[axis] ?? 1, padding, dilation[axis])),
      filters,
    ];
  },
  macs: ({ kernelSize: [depth, height, width] }, inputs, output) =>
    elements(output) * depth * height * width * knownSize(volume(inputs), 3),
  channels: (attrs) => made(kernelAxes('kernel', 3), attrs.activation, (filters) => ({ ...attrs, filters })),
  forward({ inputs, attrs, weights }) {
    const x = single(inputs);
    const y = biased(convolved(x, tensorOf(weights, 'kernel'), attrs), weights.bias, attrs.activation);
    const [batch = 1] = x.shape;
    return tf.reshape(y, [batch, (y.shape[0] ?? 1) / batch, ...y.shape.slice(1)]);
  },
});

/** A convolution of planes for each plane of the kernel, and their sum, as pictures. */
function convolved(x: tf.Tensor, kernel: tf.Tensor, { strides, padding, dilation }: Conv3DAttrs): tf.Tensor {
  const [batch = 1, depth = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [deep = 1, ...rest] = kernel.shape;
  const [down, ...across] = strides;
  const [holes, ...apart] = dilation;
  const count = windowCount(depth, deep, down, padding, holes) ?? 1;
  const around = padding === 'same' ? Math.max((count - 1) * down + (deep - 1) * holes + 1 - depth, 0) : 0;
  const before = Math.floor(around / 2);
  const padded = tf.pad(alongDepth(x), [
    [0, 0],
    [before, around - before],
    [0, 0],
  ]);
  const long = tf.reshape(padded, [batch, depth + around, height, width, channels]);
  const filters = tf.reshape(kernel, [deep, -1]);
  const parts = Array.from({ length: deep }, (_, plane) => {
    const numbers = Array.from({ length: count }, (_, at) => at * down + plane * holes);
    const filter: tf.Tensor4D = tf.reshape(tf.slice(filters, [plane, 0], [1, -1]), rest as [number, number, number, number]);
    return tf.conv2d(asPictures(planesOf(long, numbers)), filter, [...across], padding, 'NHWC', [...apart]);
  });
  return parts.reduce((sum, part) => tf.add(sum, part));
}

/** Largest or mean of each window: of its planes first, then along the depth. As many numbers of each plane lie inside the volume. */
function pooled(
  method: 'max' | 'average',
  x: tf.Tensor,
  [deep, high, wide]: Triple,
  [down, along, across]: Triple,
  padding: Padding,
): tf.Tensor {
  const pool = method === 'max' ? tf.maxPool : tf.avgPool;
  const [batch = 1, depth = 1] = x.shape;
  const flat = pool(asPictures(x), [high, wide], [along, across], padding);
  const [, rows, columns, channels] = flat.shape;
  const stacked = tf.reshape(flat, [batch, depth, rows * columns, channels]) as tf.Tensor4D;
  const y = pool(stacked, [deep, 1], [down, 1], padding);
  return tf.reshape(y, [batch, y.shape[1], rows, columns, channels]);
}

function definePooling(method: 'max' | 'average'): Op {
  const word = method === 'max' ? 'Max' : 'Average';
  const className = `${word}Pooling3D`;
  return defineOp<PoolingAttrs>({
    kind: className,
    classes: [className, `${word.slice(0, 3)}Pool3D`, `${word}Pool3D`],
    read(config, place) {
      const field = readFields(config, place);
      requireChannelsLast(field);
      const poolSize = triple(field, 'pool_size', [2, 2, 2]);
      return { poolSize, strides: triple(field, 'strides', poolSize), padding: field.choice('padding', paddings, 'valid') };
    },
    write: ({ poolSize, strides, padding }) => ({
      className,
      config: { pool_size: poolSize, strides, padding, data_format: 'channels_last' },
    }),
    shape({ poolSize, strides, padding }, inputs) {
      const input = volume(inputs);
      return [...poolSize.map((size, axis) => windowCount(input[axis], size, strides[axis] ?? 1, padding)), input[3] ?? null];
    },
    channels: (_attrs, inputs) => passed(inputs),
    forward: ({ inputs, attrs: { poolSize, strides, padding } }) =>
      pooled(method, single(inputs), poolSize as unknown as Triple, strides as unknown as Triple, padding),
  });
}

export const maxPooling3D = definePooling('max');
export const averagePooling3D = definePooling('average');

function defineGlobalPooling(method: 'max' | 'average'): Op {
  const word = method === 'max' ? 'Max' : 'Average';
  const className = `Global${word}Pooling3D`;
  return defineOp<GlobalPoolingAttrs>({
    kind: className,
    classes: [className, `Global${word.slice(0, 3)}Pool3D`, `Global${word}Pool3D`],
    read(config, place) {
      const field = readFields(config, place);
      requireChannelsLast(field);
      return { keepDims: field.flag('keepdims', false) };
    },
    write: ({ keepDims }) => ({ className, config: { data_format: 'channels_last', ...(keepDims ? { keepdims: true } : {}) } }),
    cannotWrite: absent,
    shape({ keepDims }, inputs) {
      const channels = volume(inputs)[3] ?? null;
      return keepDims ? [1, 1, 1, channels] : [channels];
    },
    channels: (_attrs, inputs) => passed(inputs),
    forward({ inputs, attrs: { keepDims } }) {
      const x = single(inputs);
      const [batch = 1, , , , channels = 1] = x.shape;
      const y = (method === 'max' ? tf.max : tf.mean)(tf.reshape(x, [batch, -1, channels]), 1);
      return keepDims ? tf.reshape(y, [batch, 1, 1, 1, channels]) : y;
    },
  });
}

export const globalMaxPooling3D = defineGlobalPooling('max');
export const globalAveragePooling3D = defineGlobalPooling('average');

/** Both sides of each axis: Keras takes one number, one per axis, or both sides of each. */
function readSides(field: FieldReader, name: string): Sides {
  const value = field.has(name) ? field.raw(name) : 1;
  const axes = Array.isArray(value) ? value : [value, value, value];
  const sides = axes.map((axis) => (Array.isArray(axis) ? axis : [axis, axis]));
  const isAmount = (side: unknown): boolean => Number.isInteger(side) && (side as number) >= 0 && (side as number) <= 2 ** 16;
  if (sides.length === 3 && sides.every((pair) => pair.length === 2 && pair.every(isAmount))) return sides as unknown as Sides;
  throw field.malformed(name, 'one number, three numbers or three pairs of numbers from 0 to 65536');
}

export const zeroPadding3D = defineOp<{ readonly padding: Sides }>({
  kind: 'ZeroPadding3D',
  classes: ['ZeroPadding3D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { padding: readSides(field, 'padding') };
  },
  write: ({ padding }) => ({ className: 'ZeroPadding3D', config: { padding, data_format: 'channels_last' } }),
  cannotWrite: absent,
  shape({ padding }, inputs) {
    const input = volume(inputs);
    const sizes = padding.map(([before, behind], axis) => {
      const size = input[axis] ?? null;
      return size === null ? null : size + before + behind;
    });
    return [...sizes, input[3] ?? null];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { padding } }) {
    const [deep, high, wide] = padding.map(([before, behind]): [number, number] => [before, behind]);
    const none: [number, number] = [0, 0];
    return changed(
      single(inputs),
      (x) => tf.pad(x, [none, deep ?? none, none]),
      (x) => tf.pad(x, [none, high ?? none, wide ?? none, none]),
    );
  },
});

export const cropping3D = defineOp<{ readonly cropping: Sides }>({
  kind: 'Cropping3D',
  classes: ['Cropping3D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { cropping: readSides(field, 'cropping') };
  },
  write: ({ cropping }) => ({ className: 'Cropping3D', config: { cropping, data_format: 'channels_last' } }),
  cannotWrite: absent,
  shape({ cropping }, inputs) {
    const input = volume(inputs);
    const sizes = cropping.map(([before, behind], axis) => {
      const size = input[axis] ?? null;
      if (size === null || size > before + behind) return size === null ? null : size - before - behind;
      throw shapeMismatch(`Cropping ${before} and ${behind} leaves nothing of its input ${formatShape(input)}.`);
    });
    return [...sizes, input[3] ?? null];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { cropping } }) {
    const part = <T extends tf.Tensor>(x: T, sides: Sides): T => {
      const begin = x.shape.map((_, axis) => sides[axis]?.[0] ?? 0);
      const size = x.shape.map((length, axis) => length - (sides[axis]?.[0] ?? 0) - (sides[axis]?.[1] ?? 0));
      return tf.slice(x, begin, size);
    };
    return changed(
      single(inputs),
      (x) => part(x, [[0, 0], ...cropping.slice(0, 1)]),
      (x) => part(x, [[0, 0], ...cropping.slice(1)]),
    );
  },
});

export const upSampling3D = defineOp<{ readonly size: Triple }>({
  kind: 'UpSampling3D',
  classes: ['UpSampling3D'],
  read(config, place) {
    const field = readFields(config, place);
    requireChannelsLast(field);
    return { size: triple(field, 'size', [2, 2, 2]) };
  },
  write: ({ size }) => ({ className: 'UpSampling3D', config: { size, data_format: 'channels_last' } }),
  cannotWrite: absent,
  shape({ size }, inputs) {
    const input = volume(inputs);
    const sizes = size.map((times, axis) => {
      const length = input[axis] ?? null;
      return length === null ? null : length * times;
    });
    return [...sizes, input[3] ?? null];
  },
  channels: (_attrs, inputs) => passed(inputs),
  forward({ inputs, attrs: { size } }) {
    const x = single(inputs);
    const repeated = (y: tf.Tensor, axis: number): tf.Tensor => {
      const times = size[axis - 1] ?? 1;
      const { shape } = y;
      const [before, behind] = [shape.slice(0, axis), shape.slice(axis + 1)];
      const rows = tf.reshape(y, [before.reduce((a, b) => a * b, 1), shape[axis] ?? 1, behind.reduce((a, b) => a * b, 1)]);
      const numbers = Int32Array.from({ length: (shape[axis] ?? 1) * times }, (_, i) => Math.floor(i / times));
      return tf.reshape(tf.gather(rows, tf.tensor1d(numbers, 'int32'), 1), [...before, numbers.length, ...behind]);
    };
    return [1, 2, 3].reduce(repeated, x);
  },
});
