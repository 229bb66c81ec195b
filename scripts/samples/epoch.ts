/**
 * Trains a new classifier, epoch by epoch, so that a run that takes an hour can be broken off: cross entropy with label smoothing (Szegedy et al. 2016), Adam, and a learning rate that
 * falls along half a cosine (Loshchilov & Hutter 2017) to zero at the last step. Each epoch draws its own random numbers from the
 * seed and its number, so that a run that was broken off and goes on from a kept state ends at the same bytes.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Context } from '../../src/engine/context.ts';
import { createRng, type Rng } from '../../src/engine/math/rng.ts';
import { shuffledIndices } from '../../src/engine/math/shuffle.ts';
import { float32 } from '../../src/engine/model/encoding.ts';
import { elementCount, type Model, type Node, type WeightId, withWeights } from '../../src/engine/model/model.ts';
import { createPredictor } from '../../src/engine/runtime/executor.ts';
import { forward, headless, trainableWeights } from '../../src/engine/train/graph.ts';
import { createOptimizer, type OptimizerState, optimizerStep } from '../../src/engine/train/optimizer.ts';

/** Labelled samples, written one by one so that augmentation costs no second copy. */
export interface LabelledSamples {
  readonly labels: Int32Array;
  /** Writes the preprocessed sample to `target` at `offset`; changes it at random where an rng is given. */
  write(sample: number, target: Float32Array, offset: number, rng?: Rng): void;
}

export interface TrainingOptions {
  readonly epochs: number;
  readonly batchSize: number;
  /** At the first step; it falls to zero. */
  readonly learningRate: number;
  /** Share of the target that is spread over all classes, 0 … 1. */
  readonly labelSmoothing: number;
  readonly seed: number;
}

/** All that a run needs to go on: plain numbers and arrays. */
export interface TrainingState {
  readonly epoch: number;
  readonly weights: ReadonlyMap<WeightId, Float32Array>;
  readonly adam: OptimizerState;
}

/** The state before the first epoch, with copies of the model's weights. */
export function startTraining(model: Model): TrainingState {
  const weights = new Map([...model.weights].map(([id, { values }]) => [id, values.slice()]));
  return { epoch: 0, weights, adam: createOptimizer('adam', parametersOf(model, weights)) };
}

const parametersOf = (model: Model, weights: TrainingState['weights']) =>
  trainableWeights(model).map((id) => ({ values: weights.get(id) as Float32Array, decays: false }));

/** The model with the weights of a state, which it shares with it no longer. */
export function trainedModel(model: Model, state: TrainingState): Model {
  const changes = [...state.weights].map(
    ([id, values]) => [id, { shape: model.weights.get(id)?.shape ?? [], values: values.slice(), encoding: float32 }] as const,
  );
  return withWeights(model, new Map(changes));
}

/** One pass over the samples in a new order. Changes the state's arrays; returns the state of the next epoch and the mean loss. */
export async function trainEpoch(
  model: Model,
  state: TrainingState,
  samples: LabelledSamples,
  options: TrainingOptions,
  context: Pick<Context, 'signal' | 'report'>,
): Promise<{ readonly state: TrainingState; readonly loss: number }> {
  const logits = headless(model).graph;
  const rng = createRng(options.seed + 7919 * (state.epoch + 1));
  const order = shuffledIndices(samples.labels.length, rng);
  const steps = Math.floor(order.length / options.batchSize);
  const total = steps * options.epochs;
  let loss = 0;
  for (let step = 0; step < steps; step++) {
    context.signal.throwIfAborted();
    const chosen = order.subarray(step * options.batchSize, (step + 1) * options.batchSize);
    const done = state.epoch * steps + step;
    const learningRate = (options.learningRate * (1 + Math.cos((Math.PI * done) / total))) / 2;
    loss += (await trainStep(logits, state, samples, chosen, rng, { ...options, learningRate })) / steps;
    context.report({ stage: 'train', done: done + 1, total });
  }
  return { state: { ...state, epoch: state.epoch + 1 }, loss };
}

/** How many samples the model classifies correctly. */
export async function countCorrect(model: Model, samples: LabelledSamples, batchSize = 500): Promise<number> {
  const predictor = await createPredictor(model);
  const elements = elementCount(predictor.inputShapes[0] ?? []);
  let correct = 0;
  try {
    for (let start = 0; start < samples.labels.length; start += batchSize) {
      const labels = samples.labels.subarray(start, start + batchSize);
      const batch = new Float32Array(labels.length * elements);
      for (let i = 0; i < labels.length; i++) samples.write(start + i, batch, i * elements);
      const [scores = new Float32Array()] = await predictor.predict([batch], labels.length);
      const classes = scores.length / labels.length;
      labels.forEach((label, i) => {
        const row = scores.subarray(i * classes, (i + 1) * classes);
        if (row.indexOf(Math.max(...row)) === label) correct++;
      });
    }
  } finally {
    predictor.dispose();
  }
  return correct;
}

/** One step along the gradient of a batch; returns its loss. */
async function trainStep(
  logits: Model,
  state: TrainingState,
  samples: LabelledSamples,
  chosen: Uint32Array,
  rng: Rng,
  options: TrainingOptions,
): Promise<number> {
  const shape = logits.inputs[0]?.shape as number[];
  const elements = elementCount(shape);
  const batch = new Float32Array(chosen.length * elements);
  chosen.forEach((sample, i) => {
    samples.write(sample, batch, i * elements, rng);
  });
  const labels = Int32Array.from(chosen, (sample) => samples.labels[sample] as number);
  const ids = trainableWeights(logits);
  const statistics: { readonly node: Node; readonly moments: tf.Tensor[] }[] = [];
  const { value, grads } = tf.tidy(() => {
    const x = tf.tensor(batch, [chosen.length, ...shape]);
    const tensors = new Map(
      [...state.weights].map(([id, values]) => [id, tf.tensor(values, [...(logits.weights.get(id)?.shape ?? [])])]),
    );
    const loss = (...trainable: tf.Tensor[]): tf.Scalar => {
      const weights = new Map([...tensors, ...ids.map((id, i) => [id, trainable[i] as tf.Tensor] as const)]);
      const onStatistics = (node: Node, mean: tf.Tensor, variance: tf.Tensor) => {
        statistics.push({ node, moments: [tf.keep(mean), tf.keep(variance)] });
      };
      const scores = forward(logits, x, weights, { onStatistics, normalizesBatch: () => true, rng, trained: new Set(ids) });
      const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), scores.shape.at(-1) as number);
      return tf.losses.softmaxCrossEntropy(targets, scores, undefined, options.labelSmoothing);
    };
    return tf.valueAndGrads(loss)(ids.map((id) => tensors.get(id) as tf.Tensor));
  });
  const gradients = (await Promise.all(grads.map((gradient) => gradient.data()))) as Float32Array[];
  for (const { node, moments } of statistics) await updateAverages(node, state, moments);
  const [loss = Number.NaN] = await value.data();
  tf.dispose([value, grads, statistics.map(({ moments }) => moments)]);
  optimizerStep(state.adam, parametersOf(logits, state.weights), gradients, options.learningRate);
  return loss;
}

/** moving = momentum · moving + (1 − momentum) · batch, for mean and variance of a batch normalization. */
async function updateAverages(node: Node, state: TrainingState, moments: readonly tf.Tensor[]): Promise<void> {
  const momentum = node.attrs.momentum as number;
  for (const [i, role] of ['moving_mean', 'moving_variance'].entries()) {
    const average = state.weights.get(node.weights[role] ?? '') as Float32Array;
    const batch = (await (moments[i] as tf.Tensor).data()) as Float32Array;
    batch.forEach((value, channel) => {
      average[channel] = momentum * (average[channel] as number) + (1 - momentum) * value;
    });
  }
}
