/** Small models for tests: built from Keras configurations, weights drawn from a seed, run op by op. */
import * as tf from '@tensorflow/tfjs-core';
import { createRng, type Rng } from '../math/rng.ts';
import { type AffineEncoding, axisStride, type CodebookEncoding, decode, float32 } from '../model/encoding.ts';
import { elementCount, type Model, type Node, type Shape, type Weight, type WeightId, withWeights } from '../model/model.ts';
import type { KerasConfig } from '../model/op.ts';
import { opOf } from '../model/ops/index.ts';

export interface LayerSketch {
  readonly name: string;
  readonly op: string;
  readonly config?: KerasConfig;
  /** Names of layers or inputs; the layer before where absent. */
  readonly inputs?: readonly string[];
  /** The name of an earlier layer whose weights it uses. */
  readonly shares?: string;
}

/** A model whose values are named after their layers; the last layer is the output unless `outputs` says otherwise. */
export function smallModel(
  inputs: Readonly<Record<string, Shape>>,
  layers: readonly LayerSketch[],
  options: { readonly outputs?: readonly string[]; readonly seed?: number } = {},
): Model {
  const rng = createRng(options.seed ?? 7);
  const shapes = new Map<string, Shape>(Object.entries(inputs));
  const weights = new Map<WeightId, Weight>();
  const nodes: Node[] = [];
  let previous = Object.keys(inputs)[0] ?? '';
  for (const layer of layers) {
    const op = opOf(layer.op);
    const attrs = op.read({ name: layer.name, ...layer.config }, { layer: layer.name, className: layer.op, keras: 2 });
    const from = layer.inputs ?? [previous];
    const inputShapes = from.map((name) => shapes.get(name) ?? []);
    const ids: Record<string, WeightId> = {};
    for (const { role, shape } of op.slots(attrs, inputShapes)) {
      ids[role] = `${layer.shares ?? layer.name}/${role}`;
      if (!layer.shares) weights.set(ids[role], { shape, values: drawn(role, shape, rng), encoding: float32 });
    }
    nodes.push({ name: layer.name, op: layer.op, attrs, inputs: from, outputs: [layer.name], weights: ids });
    shapes.set(layer.name, op.shape(attrs, inputShapes));
    previous = layer.name;
  }
  return {
    name: 'small',
    inputs: Object.entries(inputs).map(([name, shape]) => ({ value: name, name, shape, dtype: 'float32' })),
    outputs: options.outputs ?? [previous],
    nodes,
    weights,
    source: { format: 'test', bytes: 0, optimizerBytes: 0, notes: [] },
  };
}

function drawn(role: string, shape: readonly number[], rng: Rng): Float32Array {
  const spread = role === 'moving_variance' ? 0 : 0.5;
  return Float32Array.from({ length: elementCount(shape) }, () => (spread === 0 ? 0.5 + rng.next() : rng.normal() * spread));
}

/** The model with one tensor on an affine grid per index of `axis` (or per tensor), rounded to nearest. */
export function onGrid(
  model: Model,
  id: WeightId,
  grid: { readonly bits: number; readonly axis: number | null; readonly symmetric: boolean },
): Model {
  const weight = weightIn(model, id);
  const { bits, axis, symmetric } = grid;
  const stride = axis === null ? weight.values.length : axisStride(weight.shape, axis);
  const size = axis === null ? 1 : (weight.shape[axis] ?? 1);
  const indexOf = (i: number): number => Math.floor(i / stride) % size;
  const low = new Float64Array(size);
  const high = new Float64Array(size);
  weight.values.forEach((value, i) => {
    low[indexOf(i)] = Math.min(low[indexOf(i)] ?? 0, value);
    high[indexOf(i)] = Math.max(high[indexOf(i)] ?? 0, value);
  });
  const top = 2 ** bits - 1;
  const half = 2 ** (bits - 1);
  const scale = low.map((least, c) => (symmetric ? Math.max(-least, high[c] ?? 0) / (half - 1) : ((high[c] ?? 0) - least) / top));
  const zero = low.map((least, c) => (symmetric ? half : Math.round(-least / (scale[c] ?? 1))));
  const codes = bits > 8 ? new Uint16Array(weight.values.length) : new Uint8Array(weight.values.length);
  weight.values.forEach((value, i) => {
    const code = Math.round(value / (scale[indexOf(i)] ?? 1)) + (zero[indexOf(i)] ?? 0);
    codes[i] = Math.min(top, Math.max(0, code));
  });
  const min = zero.map((z, c) => -z * (scale[c] ?? 1));
  const encoding: AffineEncoding = { kind: 'affine', bits, symmetric, axis, scale, min, codes };
  return withWeights(model, new Map([[id, { shape: weight.shape, values: decode(encoding, weight.shape), encoding }]]));
}

/** The model with one tensor on the nearest of the given levels (ascending; 2^bits per group of `axis`). */
export function onPalette(
  model: Model,
  id: WeightId,
  palette: Pick<CodebookEncoding, 'palette' | 'bits' | 'axis' | 'groups'> & { readonly centroids: Float32Array },
): Model {
  const weight = weightIn(model, id);
  const width = 2 ** palette.bits;
  const stride = palette.axis === null ? weight.values.length : axisStride(weight.shape, palette.axis);
  const size = palette.axis === null ? 1 : (weight.shape[palette.axis] ?? 1);
  const codes = Uint8Array.from(weight.values, (value, i) => {
    const group = Math.floor((Math.floor(i / stride) % size) / Math.ceil(size / palette.groups));
    const levels = palette.centroids.subarray(group * width, (group + 1) * width);
    return levels.reduce((best, level, k) => (Math.abs(level - value) < Math.abs((levels[best] ?? 0) - value) ? k : best), 0);
  });
  const encoding: CodebookEncoding = { kind: 'codebook', ...palette, codes };
  return withWeights(model, new Map([[id, { shape: weight.shape, values: decode(encoding, weight.shape), encoding }]]));
}

/** A stored tensor that is there for sure. */
export function weightIn(model: Model, id: WeightId): Weight {
  const weight = model.weights.get(id);
  if (weight) return weight;
  throw new Error(`The test model has no tensor "${id}".`);
}

/** Every output for one batch, by the ops' own forward passes. */
export function runSmall(model: Model, inputs: readonly Float32Array[], count: number): Float32Array[] {
  return tf.tidy(() => {
    const values = new Map<string, tf.Tensor>();
    model.inputs.forEach((input, i) => {
      values.set(input.value, tf.tensor(inputs[i] ?? new Float32Array(0), [count, ...input.shape.map((size) => size ?? 1)]));
    });
    for (const node of model.nodes) {
      const weights: Record<string, tf.Tensor> = {};
      for (const [role, id] of Object.entries(node.weights)) {
        const { values: data, shape } = weightIn(model, id);
        weights[role] = tf.tensor(data, [...shape]);
      }
      const given = node.inputs.map((value) => values.get(value) ?? tf.scalar(0));
      values.set(node.outputs[0] ?? '', opOf(node.op).forward({ inputs: given, attrs: node.attrs, weights, training: false }));
    }
    return model.outputs.map((value) => values.get(value)?.dataSync() as Float32Array);
  });
}

/** Normal random numbers of a given length. */
export function noise(length: number, seed = 1): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length }, () => rng.normal());
}
