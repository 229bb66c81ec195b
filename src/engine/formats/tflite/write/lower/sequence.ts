/** Sequences padded, cropped, stretched and repeated, pictures cropped and resized: each by the operator that pictures have for it. */
import { type CenterCropAttrs, cropStart, type ResizingAttrs } from '../../../../model/ops/picture-sizes.ts';
import type { FlowTensor } from '../graph.ts';
import type { Layer, Lowering } from './builder.ts';

function resized(layer: Layer, x: FlowTensor, size: readonly number[], interpolation: 'nearest' | 'bilinear', last: boolean) {
  const nearest = interpolation === 'nearest';
  const shape = [1, ...size, x.shape[3] ?? 1];
  return layer.emit(nearest ? 'RESIZE_NEAREST_NEIGHBOR' : 'RESIZE_BILINEAR', [x, layer.index('size', size)], {
    ...(last ? { last } : { shape }),
    options: { table: nearest ? 'ResizeNearestNeighborOptions' : 'ResizeBilinearOptions' },
  });
}

/** From `begin` on, as far as the output reaches; the batch whole. */
function cut(layer: Layer, begin: readonly number[]): FlowTensor {
  const end = begin.map((start, axis) => (axis === 0 ? 0 : start + (layer.shape[axis] ?? 1)));
  const ones = begin.map(() => 1);
  const operands = [layer.index('begin', begin), layer.index('end', end), layer.index('strides', ones)];
  return layer.emit('STRIDED_SLICE', [layer.input(), ...operands], {
    last: true,
    options: { table: 'StridedSliceOptions', whole: 1 },
  });
}

export const zeroPadding1D: Lowering = (layer) => {
  const [before, behind] = layer.node.attrs.padding as readonly [number, number];
  return layer.emit('PAD', [layer.input(), layer.index('padding', [0, 0, before, behind, 0, 0], [3, 2])], {
    last: true,
    options: { table: 'PadOptions' },
  });
};

export const cropping1D: Lowering = (layer) => cut(layer, [0, (layer.node.attrs.cropping as readonly [number, number])[0], 0]);

export const centerCrop: Lowering = (layer) => {
  const { size } = layer.node.attrs as CenterCropAttrs;
  return cut(layer, [0, ...cropStart(layer.input().shape.slice(1), size), 0]);
};

/** Steps as rows of a picture of one column. */
export const upSampling1D: Lowering = (layer) => {
  const [, steps = 1, channels = 1] = layer.input().shape;
  const column = layer.reshape(layer.input(), [1, steps, 1, channels]);
  return layer.reshape(resized(layer, column, [layer.shape[1] ?? 1, 1], 'nearest', false), layer.shape, true);
};

export const repeatVector: Lowering = (layer) => {
  const pixel = layer.reshape(layer.input(), [1, 1, 1, layer.shape[2] ?? 1]);
  return layer.reshape(resized(layer, pixel, [layer.shape[1] ?? 1, 1], 'nearest', false), layer.shape, true);
};

export const resizing: Lowering = (layer) => {
  const { size, interpolation } = layer.node.attrs as ResizingAttrs;
  return resized(layer, layer.input(), size, interpolation, true);
};
