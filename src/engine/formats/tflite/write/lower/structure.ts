/** Layers that rearrange or merge what others made. */
import type { Cropping2DAttrs } from '../../../../model/ops/cropping2d.ts';
import { axisOf } from '../../../../model/ops/define.ts';
import type { DotAttrs } from '../../../../model/ops/dot.ts';
import type { PermuteAttrs } from '../../../../model/ops/permute.ts';
import type { FlowTensor } from '../graph.ts';
import type { Options, Pair } from '../options.ts';
import type { Layer, Lowering } from './builder.ts';

export const reshape: Lowering = (layer) => layer.reshape(layer.input(), layer.shape, true);

export const permute: Lowering = (layer) => layer.transpose(layer.input(), [0, ...(layer.node.attrs as PermuteAttrs).dims], true);

/** A part of a picture, the batch and the channels whole. */
export function part(layer: Layer, x: FlowTensor, [top, left]: Pair, [height, width]: Pair, last: boolean): FlowTensor {
  const channels = x.shape[3] ?? 1;
  const corners = [layer.index('begin', [0, top, left, 0]), layer.index('end', [0, top + height, left + width, channels])];
  return layer.emit('STRIDED_SLICE', [x, ...corners, layer.index('strides', [1, 1, 1, 1])], {
    last,
    shape: [1, height, width, channels],
    // The batch is taken whole.
    options: { table: 'StridedSliceOptions', whole: 1 },
  });
}

export const cropping2D: Lowering = (layer) => {
  const [[top], [left]] = (layer.node.attrs as Cropping2DAttrs).cropping;
  const [, height = 1, width = 1] = layer.shape;
  return part(layer, layer.input(), [top, left], [height, width], true);
};

/** Inputs of fewer axes are aligned at their last one. */
function aligned(layer: Layer): FlowTensor[] {
  const rank = Math.max(...layer.inputs.map(({ shape }) => shape.length));
  return layer.inputs.map((input) => {
    const missing = new Array<number>(rank - input.shape.length).fill(1);
    return layer.reshape(input, [1, ...missing, ...input.shape.slice(1)]);
  });
}

/** Shape of two tensors stretched to each other. */
const stretched = (left: readonly number[], right: readonly number[]): number[] =>
  left.map((size, axis) => Math.max(size, right[axis] ?? 1));

export const merge =
  (code: 'ADD' | 'SUB' | 'MUL' | 'MAXIMUM' | 'MINIMUM'): Lowering =>
  (layer) => {
    const inputs = aligned(layer);
    const table = ({ ADD: 'AddOptions', SUB: 'SubOptions', MUL: 'MulOptions', MAXIMUM: null, MINIMUM: null } as const)[code];
    return inputs.slice(1).reduce((left, right, i) => {
      const last = i === inputs.length - 2;
      const fused = last ? layer.fused : 'NONE';
      const options: Options = table === null ? { table: 'MaximumMinimumOptions' } : { table, fused };
      return layer.emit(code, [left, right], { last, shape: stretched(left.shape, right.shape), options });
    }, inputs[0] as FlowTensor);
  };

/** The sum, times one over how many there are. */
export const average: Lowering = (layer) => {
  const inputs = aligned(layer);
  const sum = inputs.slice(1).reduce((left, right) => {
    const options = { table: 'AddOptions', fused: 'NONE' } as const;
    return layer.emit('ADD', [left, right], { shape: stretched(left.shape, right.shape), options });
  }, inputs[0] as FlowTensor);
  return layer.emit('MUL', [sum, layer.scalar(1 / inputs.length)], {
    last: true,
    options: { table: 'MulOptions', fused: 'NONE' },
  });
};

/** The axis of products last, as [1, rows, depth]. */
function rowsOf(layer: Layer, x: FlowTensor, axis: number, normalize: boolean): FlowTensor {
  const flat = x.shape.length === 2 ? layer.reshape(x, [1, 1, x.shape[1] ?? 1]) : x;
  const turned = x.shape.length === 2 || axis === 2 ? flat : layer.transpose(flat, [0, 2, 1]);
  return normalize ? layer.emit('L2_NORMALIZATION', [turned], { options: { table: 'L2NormOptions' } }) : turned;
}

export const dot: Lowering = (layer) => {
  const { axes, normalize } = layer.node.attrs as DotAttrs;
  const [left, right] = layer.inputs as readonly [FlowTensor, FlowTensor];
  const a = rowsOf(layer, left, axisOf(axes[0], left.shape.length), normalize);
  const b = rowsOf(layer, right, axisOf(axes[1], right.shape.length), normalize);
  const y = layer.emit('BATCH_MATMUL', [a, b], {
    shape: [1, a.shape[1] ?? 1, b.shape[1] ?? 1],
    options: { table: 'BatchMatMulOptions', adjY: true },
  });
  return layer.reshape(y, layer.shape, true);
};

export const concatenate: Lowering = (layer) => {
  const axis = axisOf(Number(layer.node.attrs.axis), layer.shape.length);
  const options = { table: 'ConcatenationOptions', axis, fused: 'NONE' } as const;
  return layer.emit('CONCATENATION', layer.inputs, { last: true, options });
};
