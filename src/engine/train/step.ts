/**
 * One step: the values of the trained tensors go to the device, the loss of a batch and its gradients come back. On TF.js WASM this
 * copies within memory: 0.4 ms (least of 60) to 2.8 (median on a busy machine) for the 431,080 numbers of LeNet-5, there and back. In
 * return constraints and optimizers are plain loops over arrays, the same on every backend.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Rng } from '../math/rng.ts';
import type { Model, Node, WeightId } from '../model/model.ts';
import type { ActivationRanges, RangeInTraining } from './activation-ranges.ts';
import { forward, untrainable, type WeightTensors } from './graph.ts';
import { type LossKind, lossOf } from './loss.ts';
import type { TrainableWeight } from './weight.ts';

/** What is trained, and how its answers are judged. */
export interface Network {
  /** Up to the numbers before the last activation. */
  readonly graph: Model;
  readonly kind: LossKind;
  /** Shape of one input. */
  readonly shape: readonly number[];
  /** Numbers per answer. */
  readonly width: number;
  /** Numbers along the last axis of an answer. */
  readonly classes: number;
  readonly trained: ReadonlyMap<WeightId, TrainableWeight>;
  /** All other tensors, on the device. */
  readonly frozen: WeightTensors;
  /** Normalizations that take the batch's statistics. */
  readonly normalizesBatch: (node: Node) => boolean;
  /** Grids of activations; learned steps are among `trained`. Absent where all are float. */
  readonly ranges?: ActivationRanges;
}

export interface Batch {
  readonly count: number;
  /** Row-major [count, ...shape]. */
  readonly inputs: Float32Array;
  /** Row-major [count, width]. */
  readonly targets?: Float32Array;
  /** A factor of the loss per sample. */
  readonly weights?: Float32Array;
  readonly teacher?: { readonly answers: Float32Array; readonly temperature: number; readonly alpha: number };
}

export interface StepOutcome {
  readonly loss: number;
  /** Row-major [count, width] numbers before the last activation. */
  readonly outputs: Float32Array;
  /** In the order of `Network.trained`; the caller may change them. */
  readonly slopes: readonly Float32Array[];
}

/** Loss, outputs and gradients of one batch. Throws TRAIN_MODEL where a layer has no gradient on this backend. */
export async function gradientStep(network: Network, batch: Batch, rng: Rng): Promise<StepOutcome> {
  const { value, grads, outputs, seen } = attempt(() => onTape(network, batch, rng));
  try {
    for (const { range, ends } of seen) {
      const [[min = 0], [max = 0]] = await Promise.all(
        ends.map((end) => end.data()) as [Promise<Float32Array>, Promise<Float32Array>],
      );
      range.see(min, max);
    }
    const read = async (tensor: tf.Tensor) => ((await tensor.data()) as Float32Array).slice();
    const [[loss = Number.NaN], logits, ...slopes] = await Promise.all(
      [value, outputs, ...grads].map(read) as [Promise<Float32Array>, Promise<Float32Array>, ...Promise<Float32Array>[]],
    );
    return { loss, outputs: logits, slopes };
  } finally {
    tf.dispose([value, outputs, ...grads, ...seen.flatMap(({ ends }) => ends)]);
  }
}

/** Least and largest number of a value whose range follows it. */
interface Seen {
  readonly range: RangeInTraining;
  readonly ends: readonly [tf.Tensor, tf.Tensor];
}

function onTape(network: Network, batch: Batch, rng: Rng) {
  const { graph, kind, shape, width, classes, trained, frozen, normalizesBatch, ranges } = network;
  const { count } = batch;
  const ids = [...trained.keys()];
  const seen: Seen[] = [];
  const results = tf.tidy(() => {
    const x = tf.tensor(batch.inputs, [count, ...shape]);
    const rows = (values: Float32Array) => tf.tensor(values, [count, values.length / count]);
    const parts = {
      kind,
      classes,
      ...(batch.targets ? { targets: rows(batch.targets) } : {}),
      ...(batch.weights ? { weights: rows(batch.weights) } : {}),
      ...(batch.teacher ? { teacher: { ...batch.teacher, logits: rows(batch.teacher.answers) } } : {}),
    };
    const kept: tf.Tensor[] = [];
    const onRange = (range: RangeInTraining, min: tf.Tensor, max: tf.Tensor) => {
      seen.push({ range, ends: [tf.keep(min), tf.keep(max)] });
    };
    const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
      const weights = new Map([...frozen, ...ids.map((id, i) => [id, tensors[i] as tf.Tensor] as const)]);
      const learning = { trained: new Set(ids), ...(ranges && { ranges, onRange }) };
      const options = { normalizesBatch, onStatistics: () => {}, rng, ...learning };
      const y = tf.reshape(forward(graph, x, weights, options), [count, width]);
      kept.push(tf.keep(tf.clone(y)));
      return lossOf(y, parts);
    };
    const { value, grads } = tf.valueAndGrads(loss)(
      [...trained.values()].map((weight) => tf.tensor(weight.values(), [...weight.shape])),
    );
    return { value, grads, outputs: kept[0] as tf.Tensor };
  });
  return { ...results, seen };
}

/** Statistics of every normalization that takes the batch's, for one batch. */
export async function batchStatistics(
  { graph, shape, trained, frozen, normalizesBatch, ranges }: Network,
  inputs: Float32Array,
  count: number,
  rng: Rng,
): Promise<{ readonly node: Node; readonly mean: Float32Array; readonly variance: Float32Array }[]> {
  const found: { readonly node: Node; readonly moments: readonly [tf.Tensor, tf.Tensor] }[] = [];
  tf.tidy(() => {
    const own = [...trained].map(([id, weight]) => [id, tf.tensor(weight.values(), [...weight.shape])] as const);
    const onStatistics = (node: Node, mean: tf.Tensor, variance: tf.Tensor) => {
      found.push({ node, moments: [tf.keep(mean), tf.keep(variance)] });
    };
    const options = { normalizesBatch, onStatistics, rng, trained: new Set<WeightId>(), ...(ranges && { ranges }) };
    forward(graph, tf.tensor(inputs, [count, ...shape]), new Map([...frozen, ...own]), options);
  });
  return Promise.all(
    found.map(async ({ node, moments: [mean, variance] }) => {
      const [first, second] = await Promise.all([mean.data(), variance.data()]);
      tf.dispose([mean, variance]);
      return { node, mean: first as Float32Array, variance: second as Float32Array };
    }),
  );
}

/** Names what a backend can not differentiate. */
function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    const missing = /Kernel '(\w+)' not registered|gradient function not found for (\w+)/.exec(reason);
    if (missing === null) throw error;
    throw untrainable(`The backend "${tf.getBackend()}" has no gradient for one of its layers (${missing[1] ?? missing[2]}).`);
  }
}
