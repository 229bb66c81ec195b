/** The training loop on a task that a few steps solve: which half of a picture is brighter. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNet } from '../../bench/nets.ts';
import { createRng } from '../../src/engine/math/rng.ts';
import type { Model } from '../../src/engine/model/model.ts';
import { startBackend } from '../../src/engine/runtime/backends.ts';
import { registerGradientKernels } from '../../src/engine/runtime/kernels/register.ts';
import { trainableWeights } from '../../src/engine/train/graph.ts';
import {
  countCorrect,
  type LabelledSamples,
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trainEpoch,
  trainedModel,
} from './epoch.ts';

beforeAll(async () => {
  await startBackend('wasm');
  registerGradientKernels();
});

const net = (): Model =>
  buildNet(
    'halves',
    [6, 6, 1],
    [
      { name: 'bn', className: 'BatchNormalization', config: { momentum: 0.9 } },
      { name: 'conv', className: 'Conv2D', config: { filters: 4, kernel_size: 3, activation: 'relu' } },
      { name: 'flatten', className: 'Flatten' },
      { name: 'dense', className: 'Dense', config: { units: 2, activation: 'softmax' } },
    ],
  );

function halves(count: number): LabelledSamples {
  const rng = createRng(11);
  const pictures = Float32Array.from({ length: count * 36 }, () => rng.next());
  const labels = Int32Array.from({ length: count }, (_, sample) => sample % 2);
  pictures.forEach((value, i) => {
    const onRight = i % 6 >= 3;
    if (onRight === (labels[Math.floor(i / 36)] === 1)) pictures[i] = value + 1;
  });
  return {
    labels,
    write: (sample, target, offset) => target.set(pictures.subarray(sample * 36, (sample + 1) * 36), offset),
  };
}

const options: TrainingOptions = { epochs: 3, batchSize: 16, learningRate: 0.02, labelSmoothing: 0.1, seed: 3 };
const quiet = () => ({ signal: new AbortController().signal, report: () => undefined });

async function epochs(count: number, from: TrainingState): Promise<{ state: TrainingState; losses: number[] }> {
  const losses: number[] = [];
  let state = from;
  for (let epoch = 0; epoch < count; epoch++) {
    const result = await trainEpoch(net(), state, halves(64), options, quiet());
    losses.push(result.loss);
    state = result.state;
  }
  return { state, losses };
}

describe('trainEpoch', () => {
  it('learns, leaves the model as it was and leaks no tensor', async () => {
    const model = net();
    const untouched = [...model.weights.values()].map(({ values }) => values.slice());
    const before = tf.memory().numTensors;
    const { state, losses } = await epochs(3, startTraining(model));
    expect(tf.memory().numTensors).toBe(before);
    expect(losses[2]).toBeLessThan(losses[0] as number);
    expect([...model.weights.values()].map(({ values }) => values)).toEqual(untouched);
    expect(await countCorrect(trainedModel(model, state), halves(64))).toBe(64);
  });

  it('ends at the same weights when it goes on from a kept state', async () => {
    const whole = await epochs(2, startTraining(net()));
    const first = await epochs(1, startTraining(net()));
    const second = await epochs(1, structuredClone(first.state));
    expect(second.state).toEqual(whole.state);
  });

  it('keeps moving averages of what normalization saw', async () => {
    const model = net();
    const samples = halves(16);
    const batch = new Float32Array(16 * 36);
    for (let sample = 0; sample < 16; sample++) samples.write(sample, batch, sample * 36);
    const mean = batch.reduce((sum, value) => sum + value, 0) / batch.length;
    const variance = batch.reduce((sum, value) => sum + (value - mean) ** 2, 0) / batch.length;
    const started = startTraining(model);
    const [oldMean = 0] = started.weights.get('bn/moving_mean')?.slice() ?? [];
    const [oldVariance = 0] = started.weights.get('bn/moving_variance')?.slice() ?? [];
    const { state } = await trainEpoch(model, started, samples, options, quiet());
    expect(state.weights.get('bn/moving_mean')?.[0]).toBeCloseTo(0.9 * oldMean + 0.1 * mean, 5);
    expect(state.weights.get('bn/moving_variance')?.[0]).toBeCloseTo(0.9 * oldVariance + 0.1 * variance, 5);
    expect(trainableWeights(model)).toEqual(['bn/gamma', 'bn/beta', 'conv/kernel', 'conv/bias', 'dense/kernel', 'dense/bias']);
  });

  it('stops within a batch', async () => {
    const stop = new AbortController();
    const steps: number[] = [];
    const before = tf.memory().numTensors;
    const context = {
      signal: stop.signal,
      report: ({ done }: { done: number }) => {
        steps.push(done);
        stop.abort();
      },
    };
    await expect(trainEpoch(net(), startTraining(net()), halves(64), options, context)).rejects.toThrow('abort');
    expect(steps).toEqual([1]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
