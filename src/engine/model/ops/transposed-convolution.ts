/**
 * Conv2DTranspose and Conv1DTranspose (Zeiler et al. 2010): the gradient of a convolution with respect to its input. Every element spreads
 * over a window of the output, kernel [..., out, in]; sizes are those of Keras:
 *
 *   valid   size · stride + max(kernel − stride, 0)
 *   same    size · stride
 *
 * and where the output is padded by p, with TensorFlow and JAX (PyTorch can only add at the end, and Keras warns of it):
 *
 *   valid   (size − 1) · stride + kernel + p
 *   same    (size − 1) · stride + kernel mod 2 + p, the middle of what the windows reach
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../model.ts';
import { type ActivationName, activationProblem, readActivation, stockActivation } from './activations.ts';
import { made } from './channel-flow.ts';
import { type FieldReader, readFields, requireChannelsLast } from './config.ts';
import { biased } from './convolution.ts';
import { defineOp, elements, knownSize, single, singleOfRank, tensorOf } from './define.ts';
import { type Padding, paddings } from './window.ts';

export type TransposedAttrs = {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  /** Null where Keras chooses. */
  readonly outputPadding: readonly number[] | null;
  readonly useBias: boolean;
  readonly activation: ActivationName;
};

function readTransposed(field: FieldReader, dimensions: 1 | 2): TransposedAttrs {
  requireChannelsLast(field);
  const ones = new Array<number>(dimensions).fill(1);
  const save = 'Leave it at its default in Keras and save the model again.';
  if (field.has('dilation_rate') && field.sizes('dilation_rate', dimensions).some((step) => step !== 1)) {
    field.requireOnly('dilation_rate', ones, 'TF.js has no transposed convolution with holes in its kernel.', save);
  }
  field.requireOnly('groups', 1, 'Keras itself cuts no such layer into groups.', save);
  const strides = field.sizes('strides', dimensions, ones);
  return {
    filters: field.integer('filters'),
    kernelSize: field.sizes('kernel_size', dimensions),
    strides,
    outputPadding: readOutputPadding(field, strides),
    padding: field.choice('padding', paddings, 'valid'),
    useBias: field.flag('use_bias', true),
    activation: readActivation(field),
  };
}

function readOutputPadding(field: FieldReader, strides: readonly number[]): readonly number[] | null {
  if (!field.has('output_padding')) return null;
  const value = field.raw('output_padding');
  const list = Array.isArray(value) ? value : strides.map(() => value);
  const fits = (size: unknown, axis: number): boolean =>
    Number.isInteger(size) && (size as number) >= 0 && (size as number) < (strides[axis] ?? 1);
  if (list.length === strides.length && list.every(fits)) return list as number[];
  throw field.malformed('output_padding', 'whole numbers from 0 and smaller than the strides');
}

/** What tells sizes; a picture's along both axes. */
export type Spread = Pick<TransposedAttrs, 'kernelSize' | 'strides' | 'padding' | 'outputPadding'>;

/** Along one axis: how long the output is, how far the windows reach at least, and where the output begins in that. */
export function spread(
  { kernelSize, strides, padding, outputPadding }: Spread,
  size: number,
  axis: number,
): { readonly length: number; readonly reach: number; readonly from: number } {
  const [kernel, stride, more] = [kernelSize[axis] ?? 1, strides[axis] ?? 1, outputPadding?.[axis] ?? null];
  const windows = (size - 1) * stride + kernel;
  if (more === null) {
    const length = size * stride + (padding === 'valid' ? Math.max(kernel - stride, 0) : 0);
    return { length, reach: length, from: 0 };
  }
  const length = padding === 'valid' ? windows + more : (size - 1) * stride + (kernel % 2) + more;
  const from = padding === 'valid' ? 0 : Math.max(0, Math.floor((kernel - (kernel % 2) - more) / 2));
  return { length, reach: Math.max(windows, from + length), from };
}

function shapeOf(attrs: TransposedAttrs, inputs: readonly Shape[]): Shape {
  const { kernelSize, filters } = attrs;
  const input = singleOfRank(inputs, kernelSize.length + 1);
  knownSize(input, -1);
  return [
    ...kernelSize.map((_, axis) => {
      const size = input[axis] ?? null;
      return size === null ? null : spread(attrs, size, axis).length;
    }),
    filters,
  ];
}

/** x [batch, height, width, in] and kernel [kh, kw, out, in]. */
function spreadOut(x: tf.Tensor4D, kernel: tf.Tensor4D, attrs: Spread): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const [rows, columns] = [spread(attrs, height, 0), spread(attrs, width, 1)];
  const strides: [number, number] = [attrs.strides[0] ?? 1, attrs.strides[1] ?? 1];
  const filters = kernel.shape[2];
  const whole = attrs.outputPadding === null ? attrs.padding : 'valid';
  const y = tf.conv2dTranspose(x, kernel, [batch, rows.reach, columns.reach, filters], strides, whole);
  if (rows.reach === rows.length && columns.reach === columns.length) return y;
  return tf.slice(y, [0, rows.from, columns.from, 0], [batch, rows.length, columns.length, filters]);
}

/** A sequence as a picture of one column. */
export const onOneColumn = ({ kernelSize, strides, padding, outputPadding }: Spread): Spread => ({
  kernelSize: [...kernelSize, 1],
  strides: [...strides, 1],
  padding,
  outputPadding: outputPadding === null ? null : [...outputPadding, 0],
});

function defineTransposed(dimensions: 1 | 2) {
  const className = `Conv${dimensions}DTranspose`;
  return defineOp<TransposedAttrs>({
    kind: className,
    classes: [className, ...(dimensions === 2 ? ['Deconvolution2D', 'Convolution2DTranspose'] : ['Convolution1DTranspose'])],
    read: (config, place) => readTransposed(readFields(config, place), dimensions),
    write: ({ filters, kernelSize, strides, padding, outputPadding, useBias, activation }) => ({
      className,
      config: {
        ...{ filters, kernel_size: kernelSize, strides, padding, output_padding: outputPadding, data_format: 'channels_last' },
        ...{ use_bias: useBias, activation: stockActivation(activation) },
      },
    }),
    cannotWrite({ activation, outputPadding }) {
      if (dimensions === 1) return 'stock TF.js has no transposed convolution of sequences';
      return outputPadding === null ? activationProblem(activation) : 'stock TF.js pads no output of a transposed convolution';
    },
    slots({ kernelSize, filters, useBias }, inputs) {
      const channels = knownSize(singleOfRank(inputs, dimensions + 1), -1);
      return [
        { role: 'kernel', shape: [...kernelSize, filters, channels], channelAxis: dimensions, kind: 'kernel' },
        ...(useBias ? [{ role: 'bias', shape: [filters], channelAxis: 0, kind: 'vector' } as const] : []),
      ];
    },
    shape: shapeOf,
    macs({ kernelSize, filters }, inputs) {
      return elements(single(inputs)) * kernelSize.reduce((product, size) => product * size, filters);
    },
    channels(attrs) {
      const axes = [
        { role: 'kernel', axis: dimensions + 1, counts: 0, use: 'reads' },
        { role: 'kernel', axis: dimensions, counts: 'output', use: 'makes' },
        { role: 'bias', axis: 0, counts: 'output', use: 'passes' },
      ] as const;
      return made(axes, attrs.activation, (filters) => ({ ...attrs, filters }));
    },
    forward({ inputs, attrs, weights }) {
      const x = single(inputs);
      const kernel = tensorOf(weights, 'kernel');
      const y =
        dimensions === 2
          ? spreadOut(x as tf.Tensor4D, kernel as tf.Tensor4D, attrs)
          : tf.squeeze(spreadOut(tf.expandDims(x, 2), tf.expandDims(kernel, 1), onOneColumn(attrs)), [2]);
      return biased(y, weights.bias, attrs.activation);
    },
  });
}

export const conv1DTranspose = defineTransposed(1);
export const conv2DTranspose = defineTransposed(2);
