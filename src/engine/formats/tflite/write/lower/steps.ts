/** Layers written out plane by plane or step by step, with the same tensors each time: TimeDistributed, and convolutions of volumes. */
import type { Node } from '../../../../model/model.ts';
import type { TimeDistributedAttrs } from '../../../../model/ops/time-distributed.ts';
import type { FlowTensor } from '../graph.ts';
import { notWritable } from '../refusal.ts';
import type { Layer, Lowering } from './builder.ts';
import { mostSteps, part } from './cell-parts.ts';

const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The parts of a tensor along its first axis behind the batch, without that axis. */
export function planesOf(layer: Layer, x: FlowTensor): FlowTensor[] {
  const [, planes = 1, ...rest] = x.shape;
  const rows = layer.reshape(x, [1, planes, count(rest)]);
  return Array.from({ length: planes }, (_, at) => layer.reshape(part(layer, rows, 1, at, at + 1), [1, ...rest]));
}

/** Tensors of one shape behind each other, as the layer's output. */
export function stacked(layer: Layer, planes: readonly FlowTensor[]): FlowTensor {
  const rows = planes.map((plane) => layer.reshape(plane, [1, 1, count(plane.shape)]));
  const [only] = rows as [FlowTensor];
  const options = { table: 'ConcatenationOptions', axis: 1 } as const;
  const all =
    rows.length === 1 ? only : layer.emit('CONCATENATION', rows, { shape: [1, rows.length, count(only.shape)], options });
  return layer.reshape(all, layer.shape, true);
}

/** Throws EXPORT_LAYER where there would be too many operators. */
export function requireFew(layer: Layer, steps: number, things: string): void {
  if (steps <= mostSteps) return;
  const reason = `it has ${steps} ${things}, and each becomes operators of its own; ${mostSteps} are the most`;
  throw notWritable(layer.node.name, reason, 'Shorten its sequences in Keras, or save for TF.js.');
}

export const timeDistributed =
  (lower: (layer: Layer) => FlowTensor): Lowering =>
  (layer) => {
    const { inner } = layer.node.attrs as TimeDistributedAttrs;
    const node: Node = { ...layer.node, op: inner.op, attrs: inner.attrs };
    const [, steps = 1, ...own] = layer.shape;
    requireFew(layer, steps, 'steps');
    const outputs = layer.each(planesOf(layer, layer.input()), (x) => lower(layer.within(node, x, [1, ...own])));
    return stacked(layer, outputs);
  };

/** [1, rows, features]: some operators take no more than four axes. */
export function rowsOf(layer: Layer, x: FlowTensor): FlowTensor {
  const features = x.shape.at(-1) ?? 1;
  return layer.reshape(x, [1, count(x.shape) / features, features]);
}

/** A lowering of what treats all numbers alike, on at most four axes. */
export const alike =
  (lower: Lowering): Lowering =>
  (layer) => {
    if (layer.shape.length <= 4) return lower(layer);
    const x = rowsOf(layer, layer.input());
    return layer.reshape(lower(layer.within(layer.node, x, x.shape)), layer.shape, true);
  };
