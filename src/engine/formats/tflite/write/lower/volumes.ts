/**
 * Layers on volumes as operators on pictures, which every runtime has: those for volumes are rare and take no integers. A convolution is,
 * for each plane of its output, one of the planes that its kernel covers, their channels behind each other; pooling goes over each plane,
 * then along the depth. An average counts only what lies inside, which are as many numbers of each plane.
 */
import type { PoolingAttrs } from '../../../../model/ops/pooling.ts';
import type { Conv3DAttrs } from '../../../../model/ops/volumes.ts';
import type { FlowTensor } from '../graph.ts';
import type { Layer, Lowering } from './builder.ts';
import { biasOrZeros } from './convolution.ts';
import { kernelOf } from './kernel.ts';
import { planesOf, requireFew, stacked } from './steps.ts';

type Side = readonly [number, number];
type Sides = readonly Side[];

/** [1, depth, height, width · channels]: four axes are what operators take. */
const asPicture = (layer: Layer, x: FlowTensor): FlowTensor => {
  const [, depth = 1, height = 1, width = 1, channels = 1] = x.shape;
  return layer.reshape(x, [1, depth, height, width * channels]);
};

export const conv3D: Lowering = (layer) => {
  const { strides, dilation, padding } = layer.node.attrs as Conv3DAttrs;
  const [deep = 1, high = 1, wide = 1, inputs = 1, filters = 1] = layer.weight('kernel')?.shape ?? [];
  const [, depth = 1, height = 1, width = 1] = layer.input().shape;
  const [, planes = 1, ...plane] = layer.shape;
  requireFew(layer, Math.max(planes, depth), 'planes');
  const area = high * wide;
  const place = (at: number): number => {
    const [filter, channel] = [at % filters, Math.floor(at / filters) % inputs];
    const [pixel, tap] = [Math.floor(at / filters / inputs) % area, Math.floor(at / filters / inputs / area)];
    return ((filter * area + pixel) * deep + tap) * inputs + channel;
  };
  const layout = { shape: [filters, high, wide, deep * inputs], axis: 0, scaleAxis: 4, place };
  const [kernel, bias] = [kernelOf(layer, 'kernel', layout), biasOrZeros(layer, filters)];
  const reach = (deep - 1) * dilation[0] + 1;
  const around = padding === 'same' ? Math.max((planes - 1) * strides[0] + reach - depth, 0) : 0;
  const before = Math.floor(around / 2);
  const given = planesOf(layer, padded(layer, layer.input(), [before, around - before]));
  const covered = Array.from({ length: planes }, (_, at) => {
    const taps = Array.from({ length: deep }, (_, tap) => given[at * strides[0] + tap * dilation[0]] as FlowTensor);
    const shape = [1, height, width, deep * inputs];
    const options = { table: 'ConcatenationOptions', axis: 3 } as const;
    return deep === 1 ? (taps[0] as FlowTensor) : layer.emit('CONCATENATION', taps, { shape, options });
  });
  const outputs = covered.map((x) =>
    layer.emit('CONV_2D', [x, kernel, bias], {
      shape: [1, ...plane],
      inner: true,
      options: {
        ...{ table: 'Conv2DOptions', padding: padding === 'same' ? 'SAME' : 'VALID', fused: layer.fused },
        ...{ strides: [strides[1], strides[2]], dilation: [dilation[1], dilation[2]] },
      },
    }),
  );
  return stacked(layer, outputs);
};

/** With planes of zeros before and behind. */
function padded(layer: Layer, x: FlowTensor, [before, behind]: Side): FlowTensor {
  if (before + behind === 0) return x;
  const [, depth = 1, ...rest] = x.shape;
  const flat = layer.reshape(x, [1, depth, rest.reduce((a, b) => a * b, 1)]);
  const y = layer.emit('PAD', [flat, layer.index('padding', [0, 0, before, behind, 0, 0], [3, 2])], {
    shape: [1, depth + before + behind, flat.shape[2] ?? 1],
    options: { table: 'PadOptions' },
  });
  return layer.reshape(y, [1, depth + before + behind, ...rest]);
}

export const pooling3D =
  (code: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D'): Lowering =>
  (layer) => {
    const { poolSize, strides, padding } = layer.node.attrs as PoolingAttrs;
    const [deep = 1, high = 1, wide = 1] = poolSize;
    const [down = 1, along = 1, across = 1] = strides;
    const [, depth = 1, , , channels = 1] = layer.input().shape;
    const [, planes = 1, height = 1, width = 1] = layer.shape;
    requireFew(layer, depth, 'planes');
    const window = { table: 'Pool2DOptions', padding: padding === 'same' ? 'SAME' : 'VALID', fused: 'NONE' } as const;
    const flat = layer.each(planesOf(layer, layer.input()), (plane) => {
      const options = { ...window, strides: [along, across], size: [high, wide] } as const;
      const y = layer.emit(code, [plane], { shape: [1, height, width, channels], options });
      return layer.reshape(y, [1, 1, height * width, channels]);
    });
    const whole = { table: 'ConcatenationOptions', axis: 1 } as const;
    const shape = [1, depth, height * width, channels];
    const stack = flat.length === 1 ? (flat[0] as FlowTensor) : layer.emit('CONCATENATION', flat, { shape, options: whole });
    const options = { ...window, strides: [down, 1], size: [deep, 1] } as const;
    const y = layer.emit(code, [stack], { shape: [1, planes, height * width, channels], options });
    return layer.reshape(y, layer.shape, true);
  };

export const globalPooling3D =
  (code: 'MEAN' | 'REDUCE_MAX'): Lowering =>
  (layer) => {
    const [, depth = 1, height = 1, width = 1, channels = 1] = layer.input().shape;
    const rows = layer.reshape(layer.input(), [1, depth * height * width, channels]);
    const options = { table: 'ReducerOptions', keepDims: false } as const;
    const y = layer.emit(code, [rows, layer.index('axes', [1])], { shape: [1, channels], options });
    return layer.reshape(y, layer.shape, true);
  };

/** Planes and rows of zeros, then columns. */
export const zeroPadding3D: Lowering = (layer) => {
  const [deep = [0, 0], high = [0, 0], wide = [0, 0]] = layer.node.attrs.padding as Sides;
  const [, , , columns = 1, channels = 1] = layer.input().shape;
  const [, depth = 1, height = 1, width = 1] = layer.shape;
  const pad = (x: FlowTensor, rows: Side, others: Side, shape: readonly number[]): FlowTensor =>
    layer.emit('PAD', [x, layer.index('padding', [0, 0, ...rows, ...others, 0, 0], [4, 2])], {
      shape,
      options: { table: 'PadOptions' },
    });
  const long = pad(asPicture(layer, layer.input()), deep, high, [1, depth, height, columns * channels]);
  const rows = layer.reshape(long, [1, depth * height, columns, channels]);
  return layer.reshape(pad(rows, [0, 0], wide, [1, depth * height, width, channels]), layer.shape, true);
};

export const cropping3D: Lowering = (layer) => {
  const [[deep], [high], [wide]] = layer.node.attrs.cropping as readonly [[number], [number], [number]];
  const [, depth = 1, height = 1, width = 1, channels = 1] = layer.shape;
  const begin = layer.index('begin', [0, deep, high, wide * channels]);
  const end = layer.index('end', [0, deep + depth, high + height, (wide + width) * channels]);
  const y = layer.emit('STRIDED_SLICE', [asPicture(layer, layer.input()), begin, end, layer.index('strides', [1, 1, 1, 1])], {
    shape: [1, depth, height, width * channels],
    options: { table: 'StridedSliceOptions', whole: 1 },
  });
  return layer.reshape(y, layer.shape, true);
};

/** Planes and rows as those of a picture, then columns as its rows. */
export const upSampling3D: Lowering = (layer) => {
  const [, , , columns = 1, channels = 1] = layer.input().shape;
  const [, depth = 1, height = 1, width = 1] = layer.shape;
  const wider = (x: FlowTensor, size: readonly [number, number]): FlowTensor =>
    layer.emit('RESIZE_NEAREST_NEIGHBOR', [x, layer.index('size', size)], {
      shape: [1, ...size, x.shape[3] ?? 1],
      options: { table: 'ResizeNearestNeighborOptions' },
    });
  const long = wider(asPicture(layer, layer.input()), [depth, height]);
  const rows = layer.reshape(long, [1, depth * height, columns, channels]);
  return layer.reshape(wider(rows, [depth * height, width]), layer.shape, true);
};
