/**
 * One step: the values of the trained tensors go to the device, the loss of a batch and its gradients come back, so that constraints
 * are plain loops over arrays, the same on every backend. Our own backend's gradients are seen where they lie. On TF.js WASM this
 * copies within memory: 0.4 ms (least of 60) to 2.8 (median on a busy machine) for the 431,080 numbers of LeNet-5, there and back.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Rng } from '../math/rng.ts';
import type { Model, Node, ValueId, WeightId } from '../model/model.ts';
import { numbersOf } from '../runtime/in-place.ts';
import type { ActivationRanges, RangeInTraining } from './activation-ranges.ts';
import { forward, untrainable, type WeightTensors } from './graph.ts';
import { type LossKind, lossOf } from './loss.ts';
import { matchLoss } from './match-loss.ts';
import type { Matching } from './matching.ts';
import type { Lesson } from './teacher.ts';
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
  /** Layers that learn from layers of the teacher. */
  readonly matching?: Matching;
}

/** All that the optimizer moves: the trained tensors, then what adapts layers to those of the teacher. */
export function learnersOf({ trained, matching }: Pick<Network, 'trained' | 'matching'>): TrainableWeight[] {
  return [...trained.values(), ...(matching?.layers.flatMap(({ adapter }) => adapter ?? []) ?? [])];
}

export interface Batch {
  readonly count: number;
  /** Row-major [count, ...shape]. */
  readonly inputs: Float32Array;
  /** Row-major [count, width]. */
  readonly targets?: Float32Array;
  /** A factor of the loss per sample. */
  readonly weights?: Float32Array;
  readonly teacher?: Lesson & { readonly temperature: number; readonly alpha: number };
}

export interface StepOutcome {
  readonly loss: number;
  /** Row-major [count, width] numbers before the last activation. */
  readonly outputs: Float32Array;
  /** In the order of `learnersOf`; the caller may change them, until `dispose`. */
  readonly slopes: readonly Float32Array[];
  dispose(): void;
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
    const [[loss], logits, ...slopes] = (await Promise.all([value.data(), outputs.data(), ...grads.map(numbersOf)])) as [
      Float32Array,
      Float32Array,
      ...Float32Array[],
    ];
    return { loss: loss ?? Number.NaN, outputs: logits.slice(), slopes, dispose: () => tf.dispose(grads) };
  } catch (error) {
    tf.dispose(grads);
    throw error;
  } finally {
    tf.dispose([value, outputs, ...seen.flatMap(({ ends }) => ends)]);
  }
}

/** Least and largest number of a value whose range follows it. */
interface Seen {
  readonly range: RangeInTraining;
  readonly ends: readonly [tf.Tensor, tf.Tensor];
}

function onTape(network: Network, batch: Batch, rng: Rng) {
  const { graph, kind, shape, width, classes, trained, frozen, normalizesBatch, matching, ranges } = network;
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
      const flowing = new Map<ValueId, tf.Tensor>();
      const onValue = (id: ValueId, value: tf.Tensor) => void flowing.set(id, value);
      const learning = { trained: new Set(ids), ...(ranges && { ranges, onRange }), ...(matching && { onValue }) };
      const options = { normalizesBatch, onStatistics: () => {}, rng, ...learning };
      const y = tf.reshape(forward(graph, x, weights, options), [count, width]);
      kept.push(tf.keep(tf.clone(y)));
      const answered = lossOf(y, parts);
      if (matching === undefined || batch.teacher === undefined) return answered;
      const apart = distances(matching, batch.teacher.layers, flowing, tensors.slice(ids.length));
      return tf.add(answered, tf.mul(tf.addN(apart), matching.beta)) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)(
      learnersOf(network).map((weight) => tf.tensor(weight.values(), [...weight.shape])),
    );
    return { value, grads, outputs: kept[0] as tf.Tensor };
  });
  return { ...results, seen };
}

/** How far each matched layer is from its teacher's; `adapters` are kernels and biases in the order of the layers that have any. */
function distances(
  { kind, layers, asked }: Matching,
  lessons: readonly Float32Array[],
  seen: ReadonlyMap<ValueId, tf.Tensor>,
  adapters: tf.Tensor[],
): tf.Scalar[] {
  return layers.map(({ student: id, teacher: source, teacherShape, adapter: adapts }) => {
    const student = seen.get(id);
    const lesson = lessons[asked.indexOf(source)];
    if (student === undefined || lesson === undefined) throw new Error(`The layer "${id}" has no teacher.`);
    const teacher = tf.tensor(lesson, [student.shape[0] ?? 1, ...teacherShape]);
    const adapter = adapts === undefined ? {} : { adapter: adapters.splice(0, 2) as [tf.Tensor, tf.Tensor] };
    return matchLoss(kind, { student, teacher, ...adapter });
  });
}

/** Statistics of every normalization that takes the batch's, for one batch. */
export async function batchStatistics(
  {
    graph,
    shape,
    trained,
    frozen,
    normalizesBatch,
    ranges,
  }: Pick<Network, 'graph' | 'shape' | 'trained' | 'frozen' | 'normalizesBatch' | 'ranges'>,
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
