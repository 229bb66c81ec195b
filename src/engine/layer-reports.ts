/** The layer table of a run: how each layer is stored, what it weighs before and after, how far its weights moved, what was left as it is. */
import { layerParameters } from './metrics/parameters.ts';
import { measureSize } from './metrics/size.ts';
import { layerSqnr } from './metrics/sqnr.ts';
import type { AffineEncoding, Encoding } from './model/encoding.ts';
import type { Model, Node, Weight } from './model/model.ts';
import { inferShapes, nodeMacs } from './model/topology.ts';
import type { LayerReport } from './report.ts';
import type { StepNote } from './technique.ts';

/** A representation in words: `int4 per channel`, `k-means palette of 16`, `float32`. */
export function describeEncoding(encoding: Encoding): string {
  switch (encoding.kind) {
    case 'float32':
    case 'float16':
      return encoding.kind;
    case 'affine':
      return `${encoding.symmetric ? 'int' : 'uint'}${encoding.bits} per ${sharersOf(encoding)}`;
    case 'codebook':
      return `${encoding.palette} palette of ${1 << encoding.bits}`;
  }
}

const sharersOf = ({ axis, group }: AffineEncoding): string =>
  axis === null ? 'tensor' : group === undefined ? 'channel' : `group of ${group}`;

const bitsOf = (encoding: Encoding): number =>
  encoding.kind === 'float32' ? 32 : encoding.kind === 'float16' ? 16 : encoding.bits;

/** The tensor that decides how a layer is described. */
function largestOf(model: Model, node: Node): Weight | undefined {
  return Object.values(node.weights)
    .flatMap((id) => model.weights.get(id) ?? [])
    .reduce<Weight | undefined>((a, b) => (a && a.values.length >= b.values.length ? a : b), undefined);
}

export interface LayerReportOptions {
  /** The model just before its weights were pruned or quantized: what noise is measured against. */
  readonly reference: Model;
  readonly inputShapes: readonly (readonly number[])[];
  readonly notes: readonly StepNote[];
  /** Share of the time by layer, 0–1. */
  readonly shares: ReadonlyMap<string, number>;
}

/** One row per layer of the result; tensors that layers share are counted under the first. */
export function layerReports(before: Model, after: Model, options: LayerReportOptions): LayerReport[] {
  const shapes = inferShapes(after, options.inputShapes);
  const macs = nodeMacs(after, options.inputShapes);
  const sqnr = layerSqnr(options.reference, after);
  const sizes = new Map(measureSize(after).layers.map(({ layer, payload }) => [layer, payload]));
  const [earlier, parameters] = [layerParameters(before), layerParameters(after)];
  return after.nodes.map((node): LayerReport => {
    const { name, op } = node;
    const largest = largestOf(after, node);
    const noise = sqnr.get(name);
    const share = options.shares.get(name);
    const cost = macs.get(name) ?? 0;
    return {
      name,
      op,
      shape: shapes.get(node.outputs[0] ?? '') ?? [],
      parameters: parameters.get(name)?.all ?? 0,
      nonZero: parameters.get(name)?.nonZero ?? 0,
      macs: Number.isNaN(cost) ? null : cost,
      stored: largest === undefined ? '' : describeEncoding(largest.encoding),
      bits: largest === undefined ? 0 : bitsOf(largest.encoding),
      payloadBefore: 4 * (earlier.get(name)?.all ?? 0),
      payloadAfter: sizes.get(name) ?? 0,
      ...(noise === undefined ? {} : { sqnr: noise }),
      ...(share === undefined ? {} : { latencyShare: share }),
      notes: options.notes.filter(({ layer }) => layer === name).map(({ text }) => text),
    };
  });
}

export interface LayerBytes {
  readonly name: string;
  /** Bit-packed bytes. */
  readonly payload: number;
  readonly bits: number;
  /** Share of zeros, 0–1. */
  readonly zeros: number;
}

/** What each layer of a model takes; the cheap part of the layer table. */
export function sizesByLayer(model: Model): LayerBytes[] {
  const parameters = layerParameters(model);
  const nodes = new Map(model.nodes.map((node) => [node.name, node]));
  return measureSize(model).layers.map(({ layer, payload }) => {
    const { all, nonZero } = parameters.get(layer) ?? { all: 0, nonZero: 0 };
    const node = nodes.get(layer);
    const largest = node === undefined ? undefined : largestOf(model, node);
    return {
      name: layer,
      payload,
      bits: largest === undefined ? 0 : bitsOf(largest.encoding),
      zeros: all === 0 ? 0 : 1 - nonZero / all,
    };
  });
}
