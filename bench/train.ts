/**
 * Training: images per second of our loop (gradients, Adam, everything) on TF.js WASM with its gradient kernels, batch 64. LeNet-5 also as
 * stock TF.js trains it, `LayersModel.trainOnBatch` on the backend `cpu`, in the same run (WASM can't: it lacks the gradients). The ratio
 * is our LeNet-5 images per second over the 570 that a trial with three replaced kernels reached. A profile names the slowest kernels.
 */
import * as tf from '@tensorflow/tfjs-core';
import { depthwiseNet } from '../scripts/samples/networks.ts';
import { createRng } from '../src/engine/math/rng.ts';
import { elementCount, type Model } from '../src/engine/model/model.ts';
import { startBackend } from '../src/engine/runtime/backends.ts';
import { slotsOf } from '../src/engine/slots.ts';
import { requireGradients } from '../src/engine/train/backend.ts';
import { headless } from '../src/engine/train/graph.ts';
import { createOptimizer, optimizerStep } from '../src/engine/train/optimizer.ts';
import { type Batch, gradientStep, type Network } from '../src/engine/train/step.ts';
import { trainableTensors } from '../src/engine/train/trainable.ts';
import { buildNet, lenet } from './nets.ts';
import type { Bench } from './run.ts';
import { stockModel } from './stock-model.ts';

const batchSize = 64;
const classes = 10;
const trial = 570;

const dense = (units: number, activation: string) => ({ className: 'Dense', config: { units, activation } });

/** LeNet-300-100 (LeCun et al. 1998). */
const perceptron = (): Model => buildNet('lenet-300-100', [784], [dense(300, 'relu'), dense(100, 'relu'), dense(10, 'softmax')]);

/** ResNet8 as MLPerf Tiny has it: three residual stacks of 16, 32 and 64 filters, of which the later two halve the picture. */
function resnet8(): Model {
  const convolution = (name: string, filters: number, size: number, strides: number, from?: string) => ({
    name,
    className: 'Conv2D',
    config: { filters, kernel_size: size, strides, padding: 'same' },
    ...(from === undefined ? {} : { from: [from] }),
  });
  const norm = (name: string) => ({ name, className: 'BatchNormalization' });
  const relu = (name: string) => ({ name, className: 'ReLU' });
  const stack = (name: string, filters: number, strides: number, input: string) => {
    const shortcut = strides === 1 ? [] : [convolution(`${name}_shortcut`, filters, 1, strides, input)];
    return [
      convolution(`${name}_a`, filters, 3, strides, input),
      norm(`${name}_a_norm`),
      relu(`${name}_a_relu`),
      convolution(`${name}_b`, filters, 3, 1),
      norm(`${name}_b_norm`),
      ...shortcut,
      { name: `${name}_add`, className: 'Add', from: [`${name}_b_norm`, strides === 1 ? input : `${name}_shortcut`] },
      relu(`${name}_relu`),
    ];
  };
  const layers = [convolution('stem', 16, 3, 1), norm('stem_norm'), relu('stem_relu')];
  const stacks = [...stack('one', 16, 1, 'stem_relu'), ...stack('two', 32, 2, 'one_relu'), ...stack('three', 64, 2, 'two_relu')];
  const head = [{ className: 'AveragePooling2D', config: { pool_size: 8 } }, { className: 'Flatten' }, dense(10, 'softmax')];
  return buildNet('resnet8', [32, 32, 3], [...layers, ...stacks, ...head]);
}

function batchFor(shape: readonly number[]): Batch {
  const rng = createRng(1);
  const targets = new Float32Array(batchSize * classes);
  for (let i = 0; i < batchSize; i++) targets[i * classes + rng.integer(classes)] = 1;
  return { count: batchSize, inputs: Float32Array.from({ length: batchSize * elementCount(shape) }, () => rng.next()), targets };
}

/** One step of our loop on random samples, to be called again and again. */
function stepOf(model: Model): () => Promise<number> {
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
  const parameters = [...trained.values()].flatMap((weight) => weight.parameters);
  const state = createOptimizer('adam', parameters);
  const batch = batchFor(shape);
  const rng = createRng(2);
  return async () => {
    const { slopes, loss } = await gradientStep(network, batch, rng);
    const gradients = [...trained.values()].flatMap((weight, i) => weight.gradients(slopes[i] as Float32Array));
    optimizerStep(state, parameters, gradients, 0.001);
    return loss;
  };
}

/** Images per second, from the fastest of some steps: what another program takes of the machine only makes steps longer. */
async function speedOf(step: () => Promise<unknown>, steps: number, warmUp = 2): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = -warmUp; i < steps; i++) {
    const start = performance.now();
    await step();
    if (i >= 0) least = Math.min(least, performance.now() - start);
  }
  return (1000 * batchSize) / least;
}

/** Milliseconds of the slowest kernels, the least of a few steps. */
async function profile(step: () => Promise<unknown>): Promise<Record<string, number>> {
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

/** Images per second of stock TF.js on its CPU backend. */
async function stockSpeed(model: Model): Promise<number> {
  await tf.setBackend('cpu');
  const stock = await stockModel(model);
  stock.compile({ optimizer: tf.train.adam(0.001), loss: 'categoricalCrossentropy' });
  const shape = model.inputs[0]?.shape as number[];
  const { inputs, targets = new Float32Array() } = batchFor(shape);
  const x = tf.tensor(inputs, [batchSize, ...shape]);
  const y = tf.tensor(targets, [batchSize, classes]);
  const speed = await speedOf(() => stock.trainOnBatch(x, y), 1, 0);
  tf.dispose([x, y]);
  stock.dispose();
  return speed;
}

export const bench: Bench = {
  name: 'train',
  summary: 'training in images per second on TF.js wasm with our gradient kernels; LeNet-5 at least 570',
  async run({ seeds }) {
    await startBackend('wasm');
    await requireGradients();
    const nets: Record<string, { imagesPerSecond: number; kernelMilliseconds: Record<string, number> }> = {};
    for (const model of [perceptron(), lenet(), resnet8(), depthwiseNet()]) {
      const step = stepOf(model);
      nets[model.name] = {
        imagesPerSecond: Math.round(await speedOf(step, 20 * seeds)),
        kernelMilliseconds: await profile(step),
      };
    }
    await import('@tensorflow/tfjs-backend-cpu');
    const stock = await stockSpeed(lenet());
    const ours = nets.lenet5?.imagesPerSecond ?? 0;
    return {
      bench: 'train',
      ratio: ours / trial,
      target: `LeNet-5 at ${trial} images per second`,
      stockCpu: stock,
      overStock: ours / stock,
      nets,
    };
  },
};
