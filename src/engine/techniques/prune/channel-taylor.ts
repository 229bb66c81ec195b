/**
 * First-order importance (Molchanov et al. 2017 and 2019): what the loss of a batch would change by if a channel were zero wherever it is
 * read. A reader is linear in what it reads, so that this is Σ x·∂L/∂x = Σ w·∂L/∂w over its rows, summed over all readers; squared, and
 * averaged over the batches:
 *
 *   I = √ E_b[(Σ w · ∂L_b/∂w)²]
 *
 * The loss is that of the labels. Without any, the teacher's own decisions are the labels: the loss of its full answers is least at these
 * weights, where its gradient says nothing.
 */

import * as tf from '@tensorflow/tfjs-core';
import { type Context, checkpoint, type TrainingData } from '../../context.ts';
import { draw } from '../../data/split.ts';
import { answerOf } from '../../metrics/accuracy.ts';
import { axisStride } from '../../model/encoding.ts';
import { concreteShape } from '../../model/input-size.ts';
import { elementCount, type Model, type Weight } from '../../model/model.ts';
import { inferShapes } from '../../model/topology.ts';
import { createPredictor } from '../../runtime/executor.ts';
import type { ChannelGraph, ChannelGroup, CountedAxis } from '../../structure/channel-graph.ts';
import { requireGradients } from '../../train/backend.ts';
import { headless } from '../../train/graph.ts';
import { lossKindOf, targetsOf } from '../../train/loss.ts';
import { loadSamples, type Samples } from '../../train/samples.ts';
import { gradientStep } from '../../train/step.ts';
import { floatWeight } from '../../train/weight.ts';

/** Few samples per batch: the squares of large batches' sums say little of single samples. */
const batch = 8;
const most = 512;

/** Importance of every unit that some kernel reads, by unit; NaN for the others. */
export type UnitImportance = Float64Array;

/**
 * Measures it on at most 512 training samples; null where the data says nothing about right answers and the model decides between no
 * classes. Throws TRAIN_MODEL where a layer has no gradient, DATA_* where the data does not fit, or the signal's reason.
 */
export async function taylorImportance(
  model: Model,
  graph: ChannelGraph,
  { dataset, preprocessing }: TrainingData,
  context: Context,
): Promise<UnitImportance | null> {
  await requireGradients();
  const head = headless(model);
  const shape = concreteShape(head.graph.inputs[0] ?? { shape: [] }, dataset.sampleShape);
  const output = (inferShapes(head.graph, [shape]).get(head.graph.outputs[0] ?? '') ?? []) as readonly number[];
  const width = elementCount(output);
  const { drawn } = draw(dataset, Math.min(most, dataset.size), context.rng.integer(2 ** 31));
  const options = { shape, width, validation: 0, seed: 0 };
  const { training } = await loadSamples({ dataset: drawn, preprocessing, id: '' }, options, context);
  const kind = lossKindOf(head.activation, training.task, width);
  const samples =
    training.task === 'none' && kind !== 'squares' ? await decided(context.teacher ?? model, training, shape, context) : training;
  if (samples.task === 'none') return null;
  const used = new Set(head.graph.nodes.flatMap((node) => Object.values(node.weights)));
  const readers = graph.axes.filter(({ use, role, weight }) => use === 'reads' && role.endsWith('kernel') && used.has(weight));
  const weightOf = (id: string) => model.weights.get(id) as Weight;
  const trained = new Map(readers.map(({ weight }) => [weight, floatWeight(weightOf(weight), false)]));
  const others = [...used].filter((id) => !trained.has(id));
  const frozen = new Map(others.map((id) => [id, tf.tensor(weightOf(id).values, [...weightOf(id).shape])]));
  const classes = output.at(-1) ?? 1;
  const network = { graph: head.graph, kind, shape, width, classes, trained, frozen, normalizesBatch: () => false };
  const squares = new Float64Array(graph.protections.length).fill(Number.NaN);
  for (const { units } of readers) for (const unit of units) squares[unit] = 0;
  try {
    for (let start = 0; start < samples.size; start += batch) {
      await checkpoint(context);
      context.report({ stage: 'prune/channels', done: start, total: samples.size });
      const indices = Uint32Array.from({ length: Math.min(batch, samples.size - start) }, (_, i) => start + i);
      const inputs = await samples.batch(indices);
      const targets = targetsOf(samples, indices, width, 0);
      const { slopes, dispose } = await gradientStep(network, { count: indices.length, inputs, targets }, context.rng);
      const bySlope = new Map([...trained.keys()].map((id, i) => [id, slopes[i] as Float32Array]));
      const effect = new Float64Array(squares.length);
      for (const axis of readers) addEffects(effect, axis, weightOf(axis.weight), bySlope.get(axis.weight) as Float32Array);
      dispose();
      for (let unit = 0; unit < effect.length; unit++) squares[unit] = (squares[unit] as number) + (effect[unit] as number) ** 2;
    }
  } finally {
    tf.dispose([...frozen.values()]);
  }
  return squares.map((sum) => Math.sqrt(sum / Math.ceil(samples.size / batch)));
}

function addEffects(effect: Float64Array, { axis, units }: CountedAxis, { shape, values }: Weight, slope: Float32Array): void {
  const stride = axisStride(shape, axis);
  for (let i = 0; i < values.length; i++) {
    const unit = units[Math.floor(i / stride) % units.length] as number;
    effect[unit] = (effect[unit] as number) + (values[i] as number) * (slope[i] as number);
  }
}

/** The samples with the teacher's decisions for labels. */
async function decided(teacher: Model, samples: Samples, shape: readonly number[], context: Context): Promise<Samples> {
  const predictor = await createPredictor(teacher, { inputShapes: [[...shape]] });
  const labels = new Int32Array(samples.size);
  try {
    for (let start = 0; start < samples.size; start += 64) {
      await checkpoint(context);
      const indices = Uint32Array.from({ length: Math.min(64, samples.size - start) }, (_, i) => start + i);
      const outputs = await predictor.predict([await samples.batch(indices)], indices.length);
      const answers = outputs[predictor.answer ?? 0] ?? new Float32Array();
      for (const row of indices.keys()) labels[start + row] = answerOf(answers, row, answers.length / indices.length);
    }
  } finally {
    predictor.dispose();
  }
  return { ...samples, task: 'classes', labels };
}

/** A group's importance from that of the units; undefined where nothing reads one of them. */
export function taylorOf({ units }: ChannelGroup, importance: UnitImportance): Float64Array | undefined {
  const scores = Float64Array.from(units, (unit) => importance[unit] as number);
  return scores.some(Number.isNaN) ? undefined : scores;
}
