/** The layer table of a run: how each layer is stored, what it weighs before and after, how far its weights moved, what was left as it is. */
import { layerSqnr } from './metrics/sqnr.ts';
import type { Encoding } from './model/encoding.ts';
import { payloadBits } from './model/encoding.ts';
import type { Model, Node, Weight } from './model/model.ts';
import { inferShapes, nodeMacs } from './model/topology.ts';
import type { LayerReport } from './report.ts';
import type { StepNote } from './technique.ts';

/** A representation in words: `int4 per channel`, `palette of 16`, `float32`. */
export function describeEncoding(encoding: Encoding): string {
  switch (encoding.kind) {
    case 'float32':
    case 'float16':
      return encoding.kind;
    case 'affine':
      return `${encoding.symmetric ? 'int' : 'uint'}${encoding.bits} per ${encoding.axis === null ? 'tensor' : 'channel'}`;
    case 'codebook':
      return `${encoding.palette} palette of ${1 << encoding.bits}`;
  }
}

const bitsOf = (encoding: Encoding): number =>
  encoding.kind === 'float32' ? 32 : encoding.kind === 'float16' ? 16 : encoding.bits;

function weightsOf(model: Model, node: Node): Weight[] {
  return Object.values(node.weights).flatMap((id) => model.weights.get(id) ?? []);
}

function nonZero(weights: readonly Weight[]): number {
  let count = 0;
  for (const { values } of weights) for (const value of values) if (value !== 0) count++;
  return count;
}

/** The tensor that decides how a layer is described. */
function largestOf(weights: readonly Weight[]): Weight | undefined {
  return weights.reduce<Weight | undefined>((a, b) => (a && a.values.length >= b.values.length ? a : b), undefined);
}

const payload = (weights: readonly Weight[], of: (weight: Weight) => number): number =>
  Math.ceil(weights.reduce((sum, weight) => sum + of(weight), 0) / 8);

/** One row per layer of the result. A layer that the recipe added or renamed has no counterpart before and no SQNR. */
export function layerReports(
  before: Model,
  after: Model,
  options: {
    readonly inputShapes: readonly (readonly number[])[];
    readonly notes: readonly StepNote[];
    readonly shares: ReadonlyMap<string, number>;
  },
): LayerReport[] {
  const shapes = inferShapes(after, options.inputShapes);
  const macs = nodeMacs(after, options.inputShapes);
  const originals = new Map(before.nodes.map((node) => [node.name, node]));
  return after.nodes.map((node): LayerReport => {
    const weights = weightsOf(after, node);
    const original = originals.get(node.name);
    const earlier = original === undefined ? [] : weightsOf(before, original);
    const largest = largestOf(weights);
    const sqnr = original === undefined ? undefined : layerSqnr(before, original, after, node);
    const share = options.shares.get(node.name);
    return {
      name: node.name,
      op: node.op,
      shape: shapes.get(node.outputs[0] ?? '') ?? [],
      parameters: weights.reduce((sum, { values }) => sum + values.length, 0),
      nonZero: nonZero(weights),
      macs: macs.get(node.name) ?? 0,
      stored: largest === undefined ? '' : describeEncoding(largest.encoding),
      bits: largest === undefined ? 0 : bitsOf(largest.encoding),
      payloadBefore: payload(earlier, ({ values }) => 32 * values.length),
      payloadAfter: payload(weights, ({ encoding, values }) => payloadBits(encoding, values.length)),
      ...(sqnr === undefined ? {} : { sqnr }),
      ...(share === undefined ? {} : { latencyShare: share }),
      notes: options.notes.filter(({ layer }) => layer === node.name).map(({ text }) => text),
    };
  });
}

export interface LayerSize {
  readonly name: string;
  /** Bit-packed bytes. */
  readonly payload: number;
  readonly bits: number;
  /** Share of zeros, 0–1. */
  readonly zeros: number;
}

/** What each layer of a model takes; the cheap part of the layer table. */
export function sizesByLayer(model: Model): LayerSize[] {
  return model.nodes.map((node) => {
    const weights = weightsOf(model, node);
    const elements = weights.reduce((sum, { values }) => sum + values.length, 0);
    const largest = largestOf(weights);
    return {
      name: node.name,
      payload: payload(weights, ({ encoding, values }) => payloadBits(encoding, values.length)),
      bits: largest === undefined ? 0 : bitsOf(largest.encoding),
      zeros: elements === 0 ? 0 : 1 - nonZero(weights) / elements,
    };
  });
}
