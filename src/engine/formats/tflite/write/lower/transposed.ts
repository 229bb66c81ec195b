/** Transposed convolutions as TRANSPOSE_CONV, and convolutions in groups as CONV_2D whose kernel sees fewer channels than there are. */
import type { GroupedConv2DAttrs } from '../../../../model/ops/grouped-convolution.ts';
import { onOneColumn, type Spread, spread, type TransposedAttrs } from '../../../../model/ops/transposed-convolution.ts';
import type { FlowTensor, KernelTensor } from '../graph.ts';
import type { Pair } from '../options.ts';
import { splitActivated } from './activation.ts';
import type { Layer, Lowering } from './builder.ts';
import { biasOrZeros, padRow } from './convolution.ts';
import { kernelOf, lastFirst } from './kernel.ts';
import { part } from './structure.ts';

/** [height, width, out, in] to [out, height, width, in]. */
const outFirst =
  ([window, filters, channels]: readonly [number, number, number]) =>
  (at: number): number => {
    const [channel, filter, place] = [at % channels, Math.floor(at / channels) % filters, Math.floor(at / channels / filters)];
    return (filter * window + place) * channels + channel;
  };

/** TRANSPOSE_CONV of a picture; a part of what it reaches where the output is padded. */
function spreadOut(layer: Layer, input: FlowTensor, kernel: KernelTensor, attrs: Spread, last: boolean): FlowTensor {
  const [, height = 1, width = 1] = input.shape;
  const [filters = 1] = kernel.shape;
  const [rows, columns] = [spread(attrs, height, 0), spread(attrs, width, 1)];
  const whole = rows.reach === rows.length && columns.reach === columns.length;
  const target = layer.index('shape', [1, rows.reach, columns.reach, filters]);
  const padding = attrs.padding === 'same' && attrs.outputPadding === null ? 'SAME' : 'VALID';
  const strides: Pair = [attrs.strides[0] ?? 1, attrs.strides[1] ?? 1];
  const y = layer.emit('TRANSPOSE_CONV', [target, kernel, input, biasOrZeros(layer, filters)], {
    ...(last && whole ? { last } : { shape: [1, rows.reach, columns.reach, filters] }),
    options: { table: 'TransposeConvOptions', padding, strides },
  });
  return whole ? y : part(layer, y, [rows.from, columns.from], [rows.length, columns.length], last);
}

function transposedKernel(layer: Layer, height: number, width: number): KernelTensor {
  const shape = layer.weight('kernel')?.shape ?? [];
  const [filters = 1, channels = 1] = shape.slice(-2);
  const kernel = kernelOf(layer, 'kernel', {
    shape: [filters, height, width, channels],
    axis: 0,
    scaleAxis: shape.length - 2,
    place: outFirst([height * width, filters, channels]),
  });
  return { ...kernel, floatWithFloats: true };
}

export const conv2DTranspose: Lowering = splitActivated((layer, last) => {
  const attrs = layer.node.attrs as TransposedAttrs;
  const kernel = transposedKernel(layer, attrs.kernelSize[0] ?? 1, attrs.kernelSize[1] ?? 1);
  return spreadOut(layer, layer.input(), kernel, attrs, last);
});

/** On a picture of one column. */
export const conv1DTranspose: Lowering = splitActivated((layer, last) => {
  const attrs = layer.node.attrs as TransposedAttrs;
  const [, length = 1, channels = 1] = layer.input().shape;
  const column = layer.reshape(layer.input(), [1, length, 1, channels]);
  const y = spreadOut(layer, column, transposedKernel(layer, attrs.kernelSize[0] ?? 1, 1), onOneColumn(attrs), false);
  return layer.reshape(y, layer.shape, last);
});

function groupedKernel(layer: Layer, height: number, width: number): KernelTensor {
  const shape = layer.weight('kernel')?.shape ?? [];
  const [seen = 1, filters = 1] = shape.slice(-2);
  const kernel = kernelOf(layer, 'kernel', {
    shape: [filters, height, width, seen],
    axis: 0,
    scaleAxis: shape.length - 1,
    place: lastFirst([height * width * seen, filters]),
  });
  return { ...kernel, floatWithFloats: true };
}

export const groupedConv2D: Lowering = (layer) => {
  const { kernelSize, strides, dilation, padding, filters } = layer.node.attrs as GroupedConv2DAttrs;
  const kernel = groupedKernel(layer, ...kernelSize);
  return layer.emit('CONV_2D', [layer.input(), kernel, biasOrZeros(layer, filters)], {
    last: true,
    options: { table: 'Conv2DOptions', strides, dilation, padding: padding === 'same' ? 'SAME' : 'VALID', fused: layer.fused },
  });
};

export const groupedConv1D: Lowering = (layer) => {
  const { strides, dilation, padding, filters, kernelSize } = layer.node.attrs as Readonly<Record<string, number>>;
  const [, length = 1, channels = 1] = layer.input().shape;
  const row = layer.reshape(layer.input(), [1, 1, length, channels]);
  const causal = String(padding) === 'causal' ? ((kernelSize ?? 1) - 1) * (dilation ?? 1) : 0;
  const kernel = groupedKernel(layer, 1, kernelSize ?? 1);
  const y = layer.emit('CONV_2D', [causal === 0 ? row : padRow(layer, row, causal), kernel, biasOrZeros(layer, filters ?? 1)], {
    shape: [1, 1, layer.shape[1] ?? 1, filters ?? 1],
    options: {
      table: 'Conv2DOptions',
      strides: [1, strides ?? 1],
      dilation: [1, dilation ?? 1],
      padding: String(padding) === 'same' ? 'SAME' : 'VALID',
      fused: layer.fused,
    },
  });
  return layer.reshape(y, layer.shape, true);
};
