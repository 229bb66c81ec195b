/** Layers that rearrange or merge what others made: Flatten, Reshape, Add, Multiply, Concatenate. */
import { axisOf } from '../../../../model/ops/define.ts';
import type { FlowTensor } from '../graph.ts';
import type { Layer, Lowering } from './builder.ts';

export const reshape: Lowering = (layer) => layer.reshape(layer.input(), layer.shape, true);

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
  (code: 'ADD' | 'MUL'): Lowering =>
  (layer) => {
    const inputs = aligned(layer);
    const table = code === 'ADD' ? 'AddOptions' : 'MulOptions';
    return inputs.slice(1).reduce((left, right, i) => {
      const last = i === inputs.length - 2;
      const options = { table, fused: last ? layer.fused : 'NONE' } as const;
      return layer.emit(code, [left, right], { last, shape: stretched(left.shape, right.shape), options });
    }, inputs[0] as FlowTensor);
  };

export const concatenate: Lowering = (layer) => {
  const axis = axisOf(Number(layer.node.attrs.axis), layer.shape.length);
  const options = { table: 'ConcatenationOptions', axis, fused: 'NONE' } as const;
  return layer.emit('CONCATENATION', layer.inputs, { last: true, options });
};
