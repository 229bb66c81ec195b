/** Takes channels away: every tensor that counts them gets smaller, codes, scales and masks along with the values, and every layer says so. */
import { axisStride, type Encoding } from '../model/encoding.ts';
import type { Model, Node, Weight, WeightId } from '../model/model.ts';
import type { ChannelGraph } from './channel-graph.ts';

/** By unit: 1 where it goes. */
export type UnitFlags = Uint8Array;

/** The layers of a model without some units; enough to infer shapes and to count work. */
export function nodesWithout(model: Model, graph: ChannelGraph, removed: UnitFlags): Node[] {
  return model.nodes.map((node) => {
    const output = graph.outputs.get(node);
    if (output?.resized === undefined) return node;
    const kept = countKept(output.units, removed);
    return kept === output.units.length ? node : { ...node, attrs: output.resized(kept) };
  });
}

/** The model without some units. Nothing of a unit that stays changes: what is left is shared, or copied as it was. */
export function withoutUnits(model: Model, graph: ChannelGraph, removed: UnitFlags): Model {
  if (!removed.includes(1)) return model;
  const changes = new Map<WeightId, Weight>();
  for (const { weight: id, axis, units } of graph.axes) {
    const weight = changes.get(id) ?? model.weights.get(id);
    if (weight === undefined || countKept(units, removed) === units.length) continue;
    const kept = [...units.keys()].filter((index) => removed[units[index] as number] === 0);
    changes.set(id, sliced(weight, axis, kept));
  }
  const weights = new Map([...model.weights].map(([id, weight]) => [id, changes.get(id) ?? weight]));
  return { ...model, nodes: nodesWithout(model, graph, removed), weights };
}

function countKept(units: Int32Array, removed: UnitFlags): number {
  let count = 0;
  for (let i = 0; i < units.length; i++) if (removed[units[i] as number] === 0) count++;
  return count;
}

/** A tensor with only some of the indices of one axis. */
function sliced(weight: Weight, axis: number, kept: readonly number[]): Weight {
  const { shape, values, encoding, mask } = weight;
  const stride = axisStride(shape, axis);
  const size = shape[axis] ?? 1;
  const take = <T extends Float32Array | Float64Array | Uint8Array | Uint16Array>(array: T, run = stride): T => {
    const blocks = array.length / size / run;
    const result = array.slice(0, blocks * kept.length * run);
    let to = 0;
    for (let block = 0; block < blocks; block++) {
      for (const index of kept) {
        const from = (block * size + index) * run;
        for (let i = from; i < from + run; i++) result[to++] = array[i] as number;
      }
    }
    return result as T;
  };
  return {
    shape: shape.map((length, dimension) => (dimension === axis ? kept.length : length)),
    values: take(values),
    encoding: slicedEncoding(encoding, axis, take),
    ...(mask ? { mask: take(mask) } : {}),
  };
}

/** Codes go with their values, scales of the axis with their index; a scale per group of rows is one of [groups, channels]. */
function slicedEncoding(
  encoding: Encoding,
  axis: number,
  take: <T extends Float64Array | Uint8Array | Uint16Array>(array: T, run?: number) => T,
): Encoding {
  if (encoding.kind === 'codebook') return { ...encoding, codes: take(encoding.codes) };
  if (encoding.kind !== 'affine') return encoding;
  const codes = take(encoding.codes);
  if (encoding.axis !== axis) return { ...encoding, codes };
  return { ...encoding, codes, scale: take(encoding.scale, 1), min: take(encoding.min, 1) };
}
