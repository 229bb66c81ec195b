/** One step of our own training loop on random samples, and what of it each kernel takes. */
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '../src/engine/math/rng.ts';
import { elementCount, type Model } from '../src/engine/model/model.ts';
import { slotsOf } from '../src/engine/slots.ts';
import { headless } from '../src/engine/train/graph.ts';
import { createLearner } from '../src/engine/train/learner.ts';
import { type Batch, gradientStep, type Network } from '../src/engine/train/step.ts';
import { trainableTensors } from '../src/engine/train/trainable.ts';
import { classes } from './speed-nets.ts';

function batchFor(shape: readonly number[], batchSize: number): Batch {
  const rng = createRng(1);
  const targets = new Float32Array(batchSize * classes);
  for (let i = 0; i < batchSize; i++) targets[i * classes + rng.integer(classes)] = 1;
  return { count: batchSize, inputs: Float32Array.from({ length: batchSize * elementCount(shape) }, () => rng.next()), targets };
}

/** One step of our loop with Adam, to be called again and again. */
export function trainingStep(model: Model, batchSize: number): () => Promise<number> {
  const shape = model.inputs[0]?.shape as number[];
  const { trained, normalizesBatch } = trainableTensors(slotsOf(model));
  const { graph } = headless(model);
  // Statistics are read from nowhere while each batch has its own; the shape alone is asked for.
  const frozen = new Map(
    [...model.weights]
      .filter(([id]) => !trained.has(id))
      .map(([id, weight]) => [id, tf.tensor(weight.values, [...weight.shape])]),
  );
  const network: Network = { graph, kind: 'categorical', shape, width: classes, classes, trained, frozen, normalizesBatch };
  const learner = createLearner(network, 'adam');
  const batch = batchFor(shape, batchSize);
  const rng = createRng(2);
  return async () => {
    const { slopes, loss, dispose } = await gradientStep(network, batch, rng);
    learner.step(slopes, 0.001);
    dispose();
    return loss;
  };
}

/** Milliseconds of the slowest kernels, the least of a few steps. */
export async function profile(step: () => Promise<unknown>): Promise<Record<string, number>> {
  const least = new Map<string, number>();
  for (let run = 0; run < 5; run++) {
    const sums = new Map<string, number>();
    const { kernels } = await tf.profile(async () => {
      await step();
      return tf.scalar(0);
    });
    for (const { name, kernelTimeMs } of kernels) {
      if (!/^_?[A-Z]/.test(name)) continue;
      sums.set(name, (sums.get(name) ?? 0) + ((await kernelTimeMs) as number));
    }
    for (const [name, ms] of sums) least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, ms));
  }
  const slowest = [...least].sort((a, b) => b[1] - a[1]).slice(0, 10);
  return Object.fromEntries(slowest.map(([name, ms]) => [name, Math.round(100 * ms) / 100]));
}
