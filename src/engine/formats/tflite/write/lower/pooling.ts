/** Pooling over windows and over everything, padding and resizing. An average counts only what lies inside the picture, as in Keras. */
import type { PoolingAttrs } from '../../../../model/ops/pooling.ts';
import type { ZeroPadding2DAttrs } from '../../../../model/ops/zero-padding2d.ts';
import type { FlowTensor } from '../graph.ts';
import type { Pair } from '../options.ts';
import type { Layer, Lowering } from './builder.ts';

function pool(layer: Layer, code: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D', x: FlowTensor, size: Pair, strides: Pair, shape?: number[]) {
  const padding = layer.node.attrs.padding === 'same' ? 'SAME' : 'VALID';
  return layer.emit(code, [x], {
    ...(shape === undefined ? { last: true } : { shape }),
    options: { table: 'Pool2DOptions', padding, strides, size, fused: 'NONE' },
  });
}

export const pooling2D =
  (code: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D'): Lowering =>
  (layer) => {
    const { poolSize, strides } = layer.node.attrs as PoolingAttrs;
    return pool(layer, code, layer.input(), pair(poolSize), pair(strides));
  };

const pair = ([vertical = 1, horizontal = 1]: readonly number[]): Pair => [vertical, horizontal];

/** On a picture of one column. */
export const pooling1D =
  (code: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D'): Lowering =>
  (layer) => {
    const { poolSize, strides } = layer.node.attrs as PoolingAttrs;
    const [, length = 1, channels = 1] = layer.input().shape;
    const [, steps = 1] = layer.shape;
    const column = layer.reshape(layer.input(), [1, length, 1, channels]);
    const y = pool(layer, code, column, [poolSize[0] ?? 1, 1], [strides[0] ?? 1, 1], [1, steps, 1, channels]);
    return layer.reshape(y, layer.shape, true);
  };

export const globalPooling =
  (code: 'MEAN' | 'REDUCE_MAX'): Lowering =>
  (layer) => {
    const axes = layer.input().shape.length === 3 ? [1] : [1, 2];
    const keepDims = layer.node.attrs.keepDims === true;
    return layer.emit(code, [layer.input(), layer.index('axes', axes)], {
      last: true,
      options: { table: 'ReducerOptions', keepDims },
    });
  };

export const zeroPadding2D: Lowering = (layer) => {
  const { padding } = layer.node.attrs as ZeroPadding2DAttrs;
  const sides = [0, 0, ...padding.flat(), 0, 0];
  return layer.emit('PAD', [layer.input(), layer.index('padding', sides, [4, 2])], {
    last: true,
    options: { table: 'PadOptions' },
  });
};

export const upSampling2D: Lowering = (layer) => {
  const size = layer.index('size', layer.shape.slice(1, 3));
  const nearest = layer.node.attrs.interpolation === 'nearest';
  return layer.emit(nearest ? 'RESIZE_NEAREST_NEIGHBOR' : 'RESIZE_BILINEAR', [layer.input(), size], {
    last: true,
    options: { table: nearest ? 'ResizeNearestNeighborOptions' : 'ResizeBilinearOptions' },
  });
};
