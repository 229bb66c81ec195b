/** Convolutions and dense layers: CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with their biases, Conv1D on a picture of one row. */
import type { ConvolutionAttrs } from '../../../../model/ops/convolution.ts';
import type { FlowTensor, KernelTensor, VectorTensor } from '../graph.ts';
import type { FilePadding, Pair } from '../options.ts';
import type { Layer, Lowering } from './builder.ts';
import { kernelOf, lastFirst } from './kernel.ts';

/** The bias with the normalization in it; null where there is neither. */
function biasOf(layer: Layer): VectorTensor | null {
  const stored = layer.weight('bias');
  const normalization = layer.normalization();
  if (normalization !== null) return layer.vector('bias', normalization.shift(stored?.values));
  return stored === undefined ? null : layer.vector('bias', stored.values, undefined, stored.encoding.kind === 'float16');
}

/** Convolutions always have a bias: not every runtime takes one without. */
export function biasOrZeros(layer: Layer, channels: number): VectorTensor {
  return biasOf(layer) ?? layer.vector('bias', new Float32Array(channels));
}

interface Window {
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly padding: FilePadding;
}

/** The settings of a 2-D convolution, which may have taken the padding before it along. */
function windowOf(layer: Layer): Window {
  const { strides, dilation, padding } = layer.node.attrs as ConvolutionAttrs;
  return { strides, dilation, padding: padding === 'same' || layer.unit.padsItself ? 'SAME' : 'VALID' };
}

interface Convolution extends Window {
  readonly kernel: KernelTensor;
  readonly bias: VectorTensor;
  /** Of the output; the layer's own where absent. */
  readonly shape?: readonly number[];
}

function convolve(layer: Layer, input: FlowTensor, { kernel, bias, shape, ...window }: Convolution): FlowTensor {
  return layer.emit('CONV_2D', [input, kernel, bias], {
    ...(shape === undefined ? { last: true } : { shape }),
    options: { table: 'Conv2DOptions', ...window, fused: layer.fused },
  });
}

export const conv2D: Lowering = (layer) => {
  const [height = 1, width = 1, inputs = 1, filters = 1] = layer.weight('kernel')?.shape ?? [];
  const kernel = kernelOf(layer, 'kernel', {
    shape: [filters, height, width, inputs],
    axis: 0,
    scaleAxis: 3,
    place: lastFirst([height * width * inputs, filters]),
  });
  return convolve(layer, layer.input(), { ...windowOf(layer), kernel, bias: biasOrZeros(layer, filters) });
};

export const conv1D: Lowering = (layer) => {
  const { strides, dilation, padding } = layer.node.attrs;
  const [width = 1, inputs = 1, filters = 1] = layer.weight('kernel')?.shape ?? [];
  const [, length = 1] = layer.input().shape;
  const [, steps = 1] = layer.shape;
  const place = lastFirst([width * inputs, filters]);
  const kernel = kernelOf(layer, 'kernel', { shape: [filters, 1, width, inputs], axis: 0, scaleAxis: 2, place });
  const row = layer.reshape(layer.input(), [1, 1, length, inputs]);
  const before = padding === 'causal' ? (width - 1) * Number(dilation) : 0;
  const padded = before === 0 ? row : padRow(layer, row, before);
  const y = convolve(layer, padded, {
    strides: [1, Number(strides)],
    dilation: [1, Number(dilation)],
    padding: padding === 'same' ? 'SAME' : 'VALID',
    kernel,
    bias: biasOrZeros(layer, filters),
    shape: [1, 1, steps, filters],
  });
  return layer.reshape(y, layer.shape, true);
};

export function padRow(layer: Layer, row: FlowTensor, before: number): FlowTensor {
  const [, , length = 1, channels = 1] = row.shape;
  return layer.emit('PAD', [row, layer.index('padding', [0, 0, 0, 0, before, 0, 0, 0], [4, 2])], {
    shape: [1, 1, length + before, channels],
    options: { table: 'PadOptions' },
  });
}

/** On a picture of one row. */
export const depthwiseConv1D: Lowering = (layer) => {
  const { strides, dilation, padding } = layer.node.attrs;
  const [width = 1, inputs = 1, multiplier = 1] = layer.weight('depthwise_kernel')?.shape ?? [];
  const [, length = 1] = layer.input().shape;
  const channels = inputs * multiplier;
  const kernel = kernelOf(layer, 'depthwise_kernel', { shape: [1, 1, width, channels], axis: 3, scaleAxis: 1 });
  const row = layer.reshape(layer.input(), [1, 1, length, inputs]);
  const before = padding === 'causal' ? (width - 1) * Number(dilation) : 0;
  const padded = before === 0 ? row : padRow(layer, row, before);
  const y = layer.emit('DEPTHWISE_CONV_2D', [padded, kernel, biasOrZeros(layer, channels)], {
    shape: [1, 1, layer.shape[1] ?? 1, channels],
    options: {
      table: 'DepthwiseConv2DOptions',
      padding: padding === 'same' ? 'SAME' : 'VALID',
      strides: [1, Number(strides)],
      dilation: [1, Number(dilation)],
      multiplier,
      fused: layer.fused,
    },
  });
  return layer.reshape(y, layer.shape, true);
};

export const depthwiseConv2D: Lowering = (layer) => {
  const [height = 1, width = 1, inputs = 1, multiplier = 1] = layer.weight('depthwise_kernel')?.shape ?? [];
  const channels = inputs * multiplier;
  const shape = [1, height, width, channels];
  const kernel = kernelOf(layer, 'depthwise_kernel', { shape, axis: 3, scaleAxis: 2 });
  return layer.emit('DEPTHWISE_CONV_2D', [layer.input(), kernel, biasOrZeros(layer, channels)], {
    last: true,
    options: { table: 'DepthwiseConv2DOptions', ...windowOf(layer), multiplier, fused: layer.fused },
  });
};

/**
 * FULLY_CONNECTED; where integer weights have a scale per unit, a 1×1 convolution instead: with float inputs the interpreter of
 * @tensorflow/tfjs-tflite takes the first scale of a FULLY_CONNECTED for all and says nothing. The kernel is [units, inputs].
 */
export function product(
  layer: Layer,
  input: FlowTensor,
  kernel: KernelTensor,
  bias: VectorTensor | null,
  last = false,
): FlowTensor {
  const [units = 1, inputs = 1] = kernel.shape;
  const shape = [...input.shape.slice(0, -1), units];
  if (layer.integerWeights && (kernel.codes?.scale.length ?? 1) > 1) {
    const rows = input.shape.slice(1, -1).reduce((count, size) => count * size, 1);
    const y = convolve(layer, layer.reshape(input, [1, 1, rows, inputs]), {
      strides: [1, 1],
      dilation: [1, 1],
      padding: 'VALID',
      kernel: { ...kernel, shape: [units, 1, 1, inputs] },
      bias: bias ?? layer.vector('bias', new Float32Array(units)),
      shape: [1, 1, rows, units],
    });
    return layer.reshape(y, shape, last);
  }
  return layer.emit('FULLY_CONNECTED', [input, kernel, bias], {
    shape,
    last,
    options: { table: 'FullyConnectedOptions', fused: layer.fused, keepDims: input.shape.length > 2, asymmetricInputs: false },
  });
}

export const dense: Lowering = (layer) => {
  const [inputs = 1, units = 1] = layer.weight('kernel')?.shape ?? [];
  const layout = { shape: [units, inputs], axis: 0, scaleAxis: 1, place: lastFirst([inputs, units]) };
  return product(layer, layer.input(), kernelOf(layer, 'kernel', layout), biasOf(layer), true);
};
