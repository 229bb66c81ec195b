/**
 * Normalizations whose moving averages no longer fit what reaches them, because layers before them changed: their statistics are
 * estimated anew on a few batches of training samples, each normalized by its own (see statistics.ts). No gradient, no labels.
 */

import * as tf from '@tensorflow/tfjs-core';
import { type Context, checkpoint, type TrainingData } from '../context.ts';
import { createPreprocess } from '../data/preprocess.ts';
import { draw } from '../data/split.ts';
import { concreteShape } from '../model/input-size.ts';
import { type Model, type Node, type WeightId, withWeights } from '../model/model.ts';
import { inferShapes } from '../model/topology.ts';
import { requireGradients } from './backend.ts';
import { createStatisticsSum } from './statistics.ts';
import { batchStatistics } from './step.ts';

const batches = 16;
const batchSize = 64;

/** Layers that draw while training, silenced. */
const silenced = (node: Node): Node => {
  if (node.op === 'Dropout' || node.op === 'GaussianDropout') return { ...node, attrs: { ...node.attrs, rate: 0 } };
  return node.op === 'GaussianNoise' ? { ...node, attrs: { ...node.attrs, stddev: 0 } } : node;
};

/** The model with statistics estimated anew, those that are stored as plain numbers. Throws DATA_* or the signal's reason. */
export async function renormalized(model: Model, { dataset, preprocessing }: TrainingData, context: Context): Promise<Model> {
  const plain = (id: WeightId | undefined) => model.weights.get(id ?? '')?.encoding.kind === 'float32';
  const normalizesBatch = ({ op, weights }: Node) =>
    op === 'BatchNormalization' && plain(weights.moving_mean) && plain(weights.moving_variance);
  const shapes = inferShapes(model);
  const last = ({ attrs, inputs }: Node) => attrs.axis === -1 || attrs.axis === shapes.get(inputs[0] ?? '')?.length;
  const norms = model.nodes.filter(({ op }) => op === 'BatchNormalization');
  if (!norms.some(normalizesBatch) || !norms.every(last)) return model;
  await requireGradients();
  const shape = concreteShape(model.inputs[0] ?? { shape: [] }, dataset.sampleShape);
  const preprocess = await createPreprocess(preprocessing, dataset, shape);
  const { drawn } = draw(dataset, Math.min(batches * batchSize, dataset.size), context.rng.integer(2 ** 31));
  const frozen = new Map([...model.weights].map(([id, weight]) => [id, tf.tensor(weight.values, [...weight.shape])]));
  const graph = { ...model, nodes: model.nodes.map(silenced) };
  const network = { graph, shape, trained: new Map(), frozen, normalizesBatch };
  const statistics = createStatisticsSum();
  try {
    for (let start = 0; start + Math.min(batchSize, drawn.size) <= drawn.size; start += batchSize) {
      await checkpoint(context);
      const count = Math.min(batchSize, drawn.size - start);
      const values = await drawn.batch(start, count, shape);
      preprocess(values);
      for (const { node, mean, variance } of await batchStatistics(network, values, count, context.rng)) {
        statistics.add(node, mean, variance);
      }
    }
  } finally {
    tf.dispose([...frozen.values()]);
  }
  const changes = [...statistics.means()].flatMap(([id, values]) => {
    const weight = model.weights.get(id);
    return weight === undefined ? [] : [[id, { ...weight, values }] as const];
  });
  return withWeights(model, new Map(changes));
}
