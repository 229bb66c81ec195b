/**
 * What the layers behind removed channels miss, made good in closed form from what used to reach them, x with mean μ and covariance C:
 *
 *   means           b ← b + Wᵣᵀ μᵣ                                   the removed channels r keep speaking as they did on average
 *   least-squares   Wₖ ← Wₖ + Δ,  Δ = (Cₖₖ + λ)⁻¹ Cₖᵣ Wᵣ,  b ← b + Wᵣᵀ μᵣ − Δᵀ μₖ    what the kept channels k know of them is used
 *                   (He, Zhang & Sun 2017; Luo et al. 2017, "ThiNet")
 *
 * A layer without bias hands the shift to the normalization behind it. Codes and pruned weights are left alone.
 */
import { solvePositive } from '../../math/cholesky.ts';
import type { Model, Node, Weight, WeightId } from '../../model/model.ts';
import { consumersOf } from '../../model/topology.ts';
import type { ChannelGraph } from '../../structure/channel-graph.ts';
import type { UnitFlags } from '../../structure/remove.ts';
import type { Moments, Study } from './channel-study.ts';

/** λ as a share of the mean variance of what is kept. */
const ridge = 0.01;

export interface Repaired {
  readonly model: Model;
  /** Layers that were corrected. */
  readonly layers: readonly string[];
}

/** Corrects the pruned model's layers that read channels of which some are gone. */
export function repairReaders(original: Model, pruned: Model, graph: ChannelGraph, gone: UnitFlags, study: Study): Repaired {
  const weights = new Map(pruned.weights);
  const consumers = consumersOf(original);
  const layers: string[] = [];
  for (const [node, moments] of study.readers) {
    const rows = graph.axes.find((axis) => axis.node === node && axis.use === 'reads');
    const columns = graph.axes.find((axis) => axis.node === node && axis.use === 'makes');
    const kernel = original.weights.get(rows?.weight ?? '');
    if (rows === undefined || columns === undefined || kernel === undefined || !rows.units.some((unit) => gone[unit] === 1))
      continue;
    if (original.nodes.some((other) => other !== node && other.weights.kernel === rows.weight)) continue;
    const keptColumns = [...columns.units.keys()].filter((column) => gone[columns.units[column] as number] === 0);
    const removed = (row: number) => gone[rows.units[row % rows.units.length] as number] === 1;
    const shiftTo = shiftTarget(original, node, consumers.get(node.outputs[0] ?? '') ?? []);
    const target = weights.get(shiftTo?.id ?? '');
    const now = weights.get(rows.weight);
    if (shiftTo === undefined || target?.encoding.kind !== 'float32' || now === undefined) continue;
    const { shift, kernel: better } = corrected(kernel, now, moments, removed, keptColumns);
    const values = target.values.map((value, column) => value + shiftTo.sign * (shift[column] as number));
    weights.set(shiftTo.id, { ...target, values }).set(rows.weight, better);
    layers.push(node.name);
  }
  return { model: { ...pruned, weights }, layers };
}

/** Where a layer's outputs can be shifted: its bias, or against the mean that the normalization behind it takes away. */
function shiftTarget(
  model: Model,
  node: Node,
  readers: readonly Node[],
): { readonly id: WeightId; readonly sign: 1 | -1 } | undefined {
  if (node.weights.bias !== undefined) return { id: node.weights.bias, sign: 1 };
  const [reader, ...others] = readers;
  const mean = reader?.weights.moving_mean;
  const alone = others.length === 0 && !model.outputs.includes(node.outputs[0] ?? '');
  const lastAxis = reader?.attrs.axis === -1 || mean === undefined || model.weights.get(mean)?.values.length === channelsOf(node);
  return mean !== undefined && alone && lastAxis && node.attrs.activation === 'linear' ? { id: mean, sign: -1 } : undefined;
}

const channelsOf = ({ attrs }: Node): number => Number(attrs.filters ?? attrs.units);

function corrected(
  whole: Weight,
  now: Weight,
  { mean, covariance }: Moments,
  removed: (row: number) => boolean,
  columns: readonly number[],
): { readonly shift: Float64Array; readonly kernel: Weight } {
  const width = whole.shape.at(-1) ?? 1;
  const entry = (row: number, column: number) => whole.values[row * width + column] as number;
  const all = [...mean.keys()];
  const [kept, lost] = [all.filter((row) => !removed(row)), all.filter(removed)];
  const shift = Float64Array.from(columns, (column) =>
    lost.reduce((sum, row) => sum + (mean[row] as number) * entry(row, column), 0),
  );
  if (covariance === undefined || now.encoding.kind !== 'float32' || now.mask !== undefined) return { shift, kernel: now };
  const between = (a: number, b: number) => covariance[Math.max(a, b)]?.[Math.min(a, b)] as number;
  const variance = kept.reduce((sum, row) => sum + between(row, row), 0) / Math.max(1, kept.length);
  const system = kept.map((row, i) =>
    Float64Array.from(kept.slice(0, i + 1), (other) => between(row, other) + (row === other ? ridge * variance : 0)),
  );
  const change = kept.map((row) => {
    const sums = new Float64Array(columns.length);
    for (const other of lost) {
      const factor = between(row, other);
      for (const [i, column] of columns.entries()) sums[i] = (sums[i] as number) + factor * entry(other, column);
    }
    return sums;
  });
  if (!solvePositive(system, change)) return { shift, kernel: now };
  const values = now.values.slice();
  for (const [i, row] of kept.entries()) {
    for (let column = 0; column < columns.length; column++) {
      const delta = change[i]?.[column] as number;
      values[i * columns.length + column] = (values[i * columns.length + column] as number) + delta;
      shift[column] = (shift[column] as number) - delta * (mean[row] as number);
    }
  }
  return { shift, kernel: { ...now, values } };
}
